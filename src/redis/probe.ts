import { Worker } from 'node:worker_threads'
import type { Probe } from '../../consumers/ports/probe.ts'
import type { ProbeData } from './probe-data.ts'
import type { RedisServers } from './target.ts'

/**
 * Measures in a thread with its own connection. The folding thread would report its own delays; this thread sees what
 * another process sees of Redis and the machine.
 */
export const redisProbe = (target: RedisServers, partitions: number): Probe => {
  const pauses = new Int32Array(new SharedArrayBuffer(4))
  let worker: Worker | null = null
  return {
    start: (onProbe) => {
      worker = new Worker(new URL('./probe-thread.ts', import.meta.url), {
        workerData: { target, partitions, pauses } satisfies ProbeData,
        // The option that bin/pullgate.mjs sets for the main thread. The main thread's other options are not passed on:
        // a worker refuses some of them.
        execArgv: ['--disable-warning=ExperimentalWarning'],
      })
      worker.unref()
      worker.on('message', ({ ms, quiet }: { ms: number; quiet: boolean }) => onProbe(ms, quiet))
      // Without the probe the build keeps its last measured pace.
      worker.on('error', () => {})
    },
    quiet: (now) => {
      if ((Atomics.load(pauses, 0) % 2 === 1) !== now) Atomics.add(pauses, 0, 1)
    },
    close: async () => {
      await worker?.terminate()
    },
  }
}
