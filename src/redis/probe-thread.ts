import type { ProbeData } from './probe-data.ts'
/**
 * Reads the checkpoint of the active generation for each partition in turn and reports the duration, which is a pull's
 * round trip to Redis. It reads pauses from shared memory, without a message to the folding thread.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { redisConnection } from './connection.ts'
import { partitionKeys, storeKeys } from './keys.ts'

const EVERY_MS = 10
const DEADLINE_MS = 1000

const { target, partitions, pauses } = workerData as ProbeData
const { run, whenReady } = redisConnection(target, { deadlineMs: DEADLINE_MS })
await whenReady(10_000)
const generation = Number(await run((client) => client.get(storeKeys.active)))

for (let turn = 0; ; turn += 1) {
  const { checkpoint } = partitionKeys(generation, turn % partitions)
  const [before, began] = [Atomics.load(pauses, 0), performance.now()]
  const answered = await run((client) => client.get(checkpoint)).then(
    () => true,
    () => false,
  )
  const ms = answered ? performance.now() - began : Number.POSITIVE_INFINITY
  const quiet = before % 2 === 1 && Atomics.load(pauses, 0) === before
  // The first 10 reads open connections and compile code, so they are not reported.
  if (turn >= 10) parentPort!.postMessage({ ms, quiet })
  await sleep(EVERY_MS)
}
