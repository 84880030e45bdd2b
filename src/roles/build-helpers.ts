import { availableParallelism, totalmem } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Config } from '../config/load.ts'
import type { Helper } from '../rebuild/parallel-build.ts'
import type { HelperData } from './helper-data.ts'

/** Redis is one thread: it takes in what about four that fold put out. */
const HANDS_AT_MOST = 4
/** What one may take, with room for others in the same container. */
const BYTES_EACH = 768 * 1024 * 1024
/** A thread takes about half a second to start, and 15,000 events to fold. */
const WORTH_FROM = 20_000

/** A thread for each further core, as far as there is memory for it. */
export const buildHelpers = (
  config: Config,
  cores = availableParallelism(),
  bytes = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()),
): readonly Helper[] => {
  const hands = Math.min(cores, Math.floor(bytes / BYTES_EACH), HANDS_AT_MOST)
  return Array.from({ length: Math.max(hands - 1, 0) }, () => threadHelper(config))
}

/** On connections of its own; the end of the thread ends them. */
const threadHelper = (config: Config): Helper => ({
  worthFrom: WORTH_FROM,
  reach: async (generation, targets, done, signal) => {
    const worker = new Worker(new URL('./build-helper-thread.ts', import.meta.url), {
      workerData: { config, generation, targets } satisfies HelperData,
      // What bin/pullgate.mjs does for the main thread. Its own options it has from there: some are refused here.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const stop = (): void => void worker.terminate()
    signal.addEventListener('abort', stop)
    worker.on('message', done)
    try {
      await new Promise<void>((resolve, reject) => {
        let failure: unknown = null
        worker.on('error', (error) => {
          failure = error
        })
        worker.on('exit', (code) => {
          if (code === 0) resolve()
          else reject(failure ?? new Error(`the thread ended with ${code}`))
        })
        if (signal.aborted) stop()
      })
    } finally {
      signal.removeEventListener('abort', stop)
    }
  },
})
