import { Agent, get, type IncomingMessage } from 'node:http'
import { Worker } from 'node:worker_threads'

/** One request of an open loop. */
export type Shot = {
  readonly turn: number
  readonly status: number
  /** From the time at which it was due, whenever it was really sent. */
  readonly ms: number
  /** When it was due, from the start of the load. */
  readonly dueMs: number
  /** How late it was sent: the generator's own share of `ms`. */
  readonly lateMs: number
  /** When it was sent, by `performance.now()`. */
  readonly sentAt: number
}

export type OpenLoadOptions = {
  /** Nothing is sent any more once it is aborted. */
  readonly stop?: AbortSignal
  /** Sees every answer, whole. */
  readonly see?: (turn: number, response: IncomingMessage, body: string) => void
}

/** Open loop: so many requests a second for so long, evenly; resolves when all are answered. A broken connection is status 0. */
export const openLoad = (
  perSecond: number,
  forMs: number,
  urlOf: (turn: number) => string,
  auth: string,
): Promise<readonly Shot[]> =>
  openLoadOf(
    Float64Array.from({ length: Math.floor((forMs * perSecond) / 1000) }, (_, turn) => (turn * 1000) / perSecond),
    urlOf,
    auth,
  )

/** The same with any plan: when each request is due, milliseconds from the start, in order. */
export const openLoadOf = async (
  dueMs: Float64Array,
  urlOf: (turn: number) => string,
  auth: string,
  { stop, see }: OpenLoadOptions = {},
): Promise<readonly Shot[]> => {
  const agent = new Agent({ keepAlive: true })
  const shots: Promise<Shot>[] = []
  const began = performance.now() + START_MS
  const beganNs = process.hrtime.bigint() + BigInt(START_MS) * 1_000_000n
  const shoot = (turn: number): Promise<Shot> =>
    new Promise((resolve) => {
      const due = dueMs[turn]!
      const sentAt = performance.now()
      const dueAt = began + due
      const end = (status: number) =>
        resolve({ turn, status, ms: performance.now() - dueAt, dueMs: due, lateMs: sentAt - dueAt, sentAt })
      get(urlOf(turn), { agent, auth }, (response) => {
        let body = ''
        if (see) response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.resume().on('end', () => {
          end(response.statusCode ?? 0)
          see?.(turn, response, body)
        })
      }).on('error', () => end(0))
    })

  const ticks = new Worker(new URL('ticks.ts', import.meta.url), { workerData: { beganNs, dueMs } })
  await new Promise<void>((resolve, reject) => {
    ticks.on('message', (due: number) => {
      while (shots.length < due && !stop?.aborted) shots.push(shoot(shots.length))
    })
    ticks.once('error', reject).once('exit', () => resolve())
    stop?.addEventListener('abort', () => resolve(), { once: true })
  })
  await ticks.terminate()
  const all = await Promise.all(shots)
  agent.destroy()
  return all
}

/** A thread takes some tens of milliseconds to start. */
const START_MS = 150
