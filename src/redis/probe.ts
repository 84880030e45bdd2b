import { Worker } from 'node:worker_threads'
import type { Probe } from '../../consumers/ports/probe.ts'
import type { ProbeData } from './probe-data.ts'
import type { RedisServers } from './target.ts'

/**
 * A thread with a connection of its own, since the thread that folds would answer late for want of time: what is measured
 * is what Redis and the machine are like for another process.
 */
export const redisProbe = (target: RedisServers, partitions: number): Probe => {
  const rests = new Int32Array(new SharedArrayBuffer(4))
  let worker: Worker | null = null
  return {
    start: (felt) => {
      worker = new Worker(new URL('./probe-thread.ts', import.meta.url), {
        workerData: { target, partitions, rests } satisfies ProbeData,
        // What bin/pullgate.mjs does for the main thread. Its own options it has from there: some are refused here.
        execArgv: ['--disable-warning=ExperimentalWarning'],
      })
      worker.unref()
      worker.on('message', ({ ms, quiet }: { ms: number; quiet: boolean }) => felt(ms, quiet))
      // Without it, the build goes on as it was told last.
      worker.on('error', () => {})
    },
    quiet: (now) => {
      if ((Atomics.load(rests, 0) % 2 === 1) !== now) Atomics.add(rests, 0, 1)
    },
    close: async () => {
      await worker?.terminate()
    },
  }
}
