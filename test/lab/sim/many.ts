import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { newCounts } from '../counts.ts'
import type { SimReport } from './run.ts'
import { SEEDS_FOR_ALL, SOMETIMES } from './sometimes.ts'
import type { Share } from './worker.ts'

export type Many = {
  readonly seeds: number
  readonly seconds: number
  readonly failed: readonly SimReport[]
  readonly counts: Readonly<Record<string, number>>
  /** What should have been seen and was not; empty also where the seeds were too few to say. */
  readonly never: readonly string[]
}

export type ManyOptions = {
  readonly first: number
  readonly seeds: number
  readonly seconds: number
  readonly workers: number
  /** Ends early after so many failures. */
  readonly failuresAtMost: number
}

/** Many seeds, in some threads of their own: virtual time takes over what is global in a thread. */
export const runMany = async ({ first, seeds, seconds, workers, failuresAtMost }: ManyOptions): Promise<Many> => {
  const began = performance.now()
  const untilMs = Date.now() + seconds * 1000
  const counts = newCounts()
  const failed: SimReport[] = []
  let done = 0
  const threads = Array.from({ length: workers }, (_, index) => {
    const share: Share = { first: first + index, step: workers, count: Math.ceil((seeds - index) / workers), untilMs }
    return new Worker(new URL('worker.ts', import.meta.url), { workerData: share })
  })
  for (const thread of threads)
    thread.on('message', (report: SimReport) => {
      done += 1
      for (const [what, times] of Object.entries(report.counts)) counts.add(what, times)
      if (report.faults.length > 0) failed.push(report)
      if (failed.length >= failuresAtMost) for (const each of threads) void each.terminate()
    })
  await Promise.all(threads.map((thread) => once(thread, 'exit')))
  return {
    seeds: done,
    seconds: (performance.now() - began) / 1000,
    failed,
    counts: counts.all(),
    never: done < SEEDS_FOR_ALL ? [] : SOMETIMES.filter((what) => counts.of(what) === 0),
  }
}
