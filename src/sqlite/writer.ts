import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Job, JobName, JobTypes, Reply, Request } from './jobs.ts'

/** The job was not done, or its outcome is unknown (`late`, or the thread died during the job). */
export class WriterError extends Error {
  override readonly name = 'WriterError'
}

export type Writer = {
  readonly run: <N extends JobName>(name: N, input: JobTypes[N][0], deadlineMs: number) => Promise<JobTypes[N][1]>
  readonly close: () => Promise<void>
}

type PendingJob = { readonly settle: (reply: Reply) => void }

const CLOSE_MS = 5000

/**
 * The main thread's side of the writing thread, which starts with the first job and restarts after it died. `onFailure`
 * receives the reason, in addition to the caller.
 */
export const openWriter = (path: string, onFailure: (why: string) => void): Writer => {
  const waiting = new Map<number, PendingJob>()
  let worker: Worker | null = null
  let lastId = 0
  let closed = false

  const died = (of: Worker, why: string): void => {
    if (worker !== of) return
    worker = null
    for (const id of waiting.keys()) settle({ id, kind: 'failed', why })
  }

  const settle = (reply: Reply): void => {
    const found = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (waiting.size === 0) worker?.unref()
    found?.settle(reply)
  }

  const started = (): Worker => {
    if (worker !== null) return worker
    const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      workerData: { path },
      // The option that bin/pullgate.mjs sets for the main thread.
      execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
    })
    thread.on('message', (replies: readonly Reply[]) => replies.forEach(settle))
    thread.on('error', (error) => died(thread, error instanceof Error ? error.message : String(error)))
    thread.on('exit', () => died(thread, 'the writing thread has ended'))
    worker = thread
    return thread
  }

  return {
    run: async (name, input, deadlineMs) => {
      if (closed) throw new WriterError('the file is closed')
      const { promise, resolve, reject } = Promise.withResolvers<JobTypes[JobName][1]>()
      const id = ++lastId
      const timer = setTimeout(
        () => settle({ id, kind: 'failed', why: `no answer within ${deadlineMs} ms` }),
        deadlineMs,
      )
      waiting.set(id, {
        settle: (reply) => {
          clearTimeout(timer)
          if (reply.kind === 'done') resolve(reply.answer)
          else {
            onFailure(reply.why)
            reject(new WriterError(reply.why))
          }
        },
      })
      const thread = started()
      thread.ref()
      thread.postMessage({ id, job: { name, input } as Job } satisfies Request)
      return (await promise) as JobTypes[typeof name][1]
    },
    close: async () => {
      closed = true
      const thread = worker
      if (thread === null) return
      thread.ref()
      const ended = once(thread, 'exit')
      thread.postMessage('close')
      const timer = setTimeout(() => void thread.terminate(), CLOSE_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
