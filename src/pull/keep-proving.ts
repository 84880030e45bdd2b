import type { ProjectionReader } from '../../consumers/ports/store.ts'
import { checkFreshness, type FreshnessDeps } from './check-freshness.ts'
import type { LastKnownGood } from './last-known-good.ts'

const EVERY_MS = 1_000

/**
 * Proves each partition once a second, so that a last-known answer is dated by the last proof and not by the last pull.
 * For gateways that may give such answers. It costs one request for the log's end and one read for each partition.
 * Returns a function that stops it.
 */
export const keepProving = (
  proof: FreshnessDeps,
  reader: Pick<ProjectionReader, 'partitions'>,
  partitions: readonly number[],
  known: Pick<LastKnownGood, 'seen' | 'proven' | 'forgetOld'>,
): (() => void) => {
  // No pull waits for these proofs.
  const unseen: FreshnessDeps = { ...proof, onWait: () => {} }
  const proveOne = async (partition: number): Promise<void> => {
    const read = async () => (await reader.partitions()).filter((view) => view.partition === partition)
    const deadline = performance.now() + EVERY_MS
    const {
      read: views,
      freshness,
      asOfMs,
    } = await checkFreshness(unseen, { wanted: partition, read, partitionsOf: (all) => all }, deadline)
    known.seen(views)
    if (freshness === 'proven') known.proven(views, asOfMs)
  }
  let busy = false
  const round = async (): Promise<void> => {
    if (busy) return
    busy = true
    known.forgetOld(Date.now())
    // A store or log that does not answer proves nothing; pulls report the failure.
    await Promise.allSettled(partitions.map(proveOne))
    busy = false
  }
  void round()
  const timer = setInterval(round, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
