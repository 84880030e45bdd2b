/** Builds some partitions of a generation beside the main thread: see `build-helpers.ts`. */
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { stderrLog } from '../logging.ts'
import { buildThrottle } from '../rebuild/build-throttle.ts'
import { builder } from '../rebuild/builder.ts'
import { silentObserver } from '../rebuild/observer.ts'
import { foldDeps } from './fold-deps.ts'
import type { HelperData } from './helper-data.ts'
import { openEngine } from './open-engine.ts'

const CONNECT_MS = 3000

try {
  // This thread alone, on Linux: it is to use what others leave.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
} catch {
  // A system that does not allow it.
}

const { config, generation, targets } = workerData as HelperData
const now = (): number => performance.now()
const unhindered = buildThrottle({ maxRate: null, probe: null, lowerPriority: () => {}, now, sleep })
unhindered.hurry()
const engine = openEngine(config, 'projector', stderrLog('silent'))
try {
  await engine.ready(CONNECT_MS)
  const build = builder(generation, {
    ...foldDeps(engine, config),
    observer: silentObserver,
    pace: {
      recordsAtOnce: unhindered.recordsAtOnce,
      paced: async (records, work) => {
        const worked = await unhindered.paced(records, work)
        parentPort!.postMessage(records)
        return worked
      },
    },
    now,
    signal: new AbortController().signal,
  })
  await build.start([...targets.keys()])
  await build.reachAll(targets)
} finally {
  await engine.close()
}
