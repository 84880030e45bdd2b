import { parentPort, workerData } from 'node:worker_threads'

/**
 * The clock of an open loop: says on a thread of its own when the next requests are due. A timer of the event loop comes
 * up to a millisecond late, and is late again whenever the loop has answers to read; `Atomics.wait` sleeps in the
 * kernel with a fraction of a millisecond and burns nothing.
 */
const { beganNs, dueMs } = workerData as { beganNs: bigint; dueMs: Float64Array }
const asleep = new Int32Array(new SharedArrayBuffer(4))
const nowMs = (): number => Number(process.hrtime.bigint() - beganNs) / 1e6

let next = 0
while (next < dueMs.length) {
  const waitMs = dueMs[next]! - nowMs()
  if (waitMs > 0) Atomics.wait(asleep, 0, 0, waitMs)
  const now = nowMs()
  const before = next
  while (next < dueMs.length && dueMs[next]! <= now) next += 1
  if (next > before) parentPort!.postMessage(next)
}
