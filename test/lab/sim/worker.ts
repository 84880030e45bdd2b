import { parentPort, workerData } from 'node:worker_threads'
import { runSeed, type SimReport } from './run.ts'

export type Share = { readonly first: number; readonly step: number; readonly count: number; readonly untilMs: number }

/** Its share of the seeds, one after the other: until they are through, or the time is. */
const { first, step, count, untilMs } = workerData as Share
const now = Date.now
for (let n = 0, seed = first; n < count && now() < untilMs; n += 1, seed += step) {
  const report: SimReport = await runSeed(seed).catch((error: unknown) => ({
    seed,
    faults: [`threw: ${error instanceof Error ? error.stack : String(error)}`],
    counts: {},
    digest: '',
  }))
  parentPort!.postMessage(report)
}
