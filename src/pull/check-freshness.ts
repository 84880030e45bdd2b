import type { PartitionView } from '../../consumers/ports/store.ts'
import { hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Ends, EndsLookup } from './ends.ts'
import { type Freshness, strictFreshness } from './freshness.ts'

export type FreshnessDeps = {
  readonly mode: 'strict' | 'bounded'
  readonly waitMs: number
  /** Answers that were made by another fold, policy or timezone are none of ours. */
  readonly signature: string
  readonly ends: EndsLookup
  /** Nothing is proven while settings of topic or store may lose events or records. */
  readonly isSound: () => boolean
  /** How long a pull waited for the projection, in seconds. */
  readonly onWait: (seconds: number) => void
}

/**
 * What was read, and whether it is proven to include every event that was published before the pull arrived. Where it is,
 * `asOfMs` (Unix milliseconds) is the moment up to which; else it means nothing.
 */
export type Proven<T> = { readonly read: T; readonly freshness: Freshness; readonly asOfMs: number }

/**
 * The pause between two looks at a checkpoint that is behind: a quarter of what was waited so far, within bounds. So a pull
 * waits a quarter longer than it must, at most, and one that waits long does not look often.
 */
const PAUSE_MS = { least: 1, most: 20 }
const pauseAfter = (waitedMs: number): number => Math.min(Math.max(waitedMs / 4, PAUSE_MS.least), PAUSE_MS.most)

/**
 * Reads and proves. The log's end is asked for at once, beside the first read; where the projection has not reached it
 * yet, the read is repeated until it has, for a bounded time. What was read may lie beyond that end, because events came
 * meanwhile, or because the log is another one than the projection was made from: an end that was asked after the read
 * tells which, as no projection is ahead of its own log.
 *
 * @param read reads anew each time; its partitions' checkpoints are no younger than the rest of what it reads
 * @param deadline a `performance.now()` time, milliseconds
 */
export const checkFreshness = async <T>(
  deps: FreshnessDeps,
  read: () => Promise<T>,
  partitionsOf: (read: T) => readonly PartitionView[],
  deadline: number,
): Promise<Proven<T>> => {
  const { mode, waitMs, signature, ends, onWait } = deps
  if (!deps.isSound()) return { read: await read(), freshness: 'unknown', asOfMs: 0 }
  if (mode === 'bounded') {
    const got = await read()
    return { read: got, ...boundedFreshness(partitionsOf(got), signature) }
  }
  const asked = ends()
  let got = await read()
  const floor = await asked
  const began = performance.now()
  const until = Math.min(began + waitMs, deadline)
  let hasWaited = false
  for (;;) {
    const partitions = partitionsOf(got)
    let freshness = strictOf(partitions, floor, signature)
    if (freshness === 'beyond') {
      freshness = isWithin(partitions, await ends()) ? 'proven' : 'unknown'
    }
    const now = performance.now()
    if (freshness !== 'behind' || now >= until) {
      if (hasWaited) onWait((now - began) / 1000)
      return { read: got, freshness, asOfMs: floor?.askedAtMs ?? 0 }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseAfter(now - began), until - now)))
    hasWaited = true
    got = await read()
  }
}

const strictOf = (partitions: readonly PartitionView[], end: Ends | null, signature: string): Freshness | 'beyond' => {
  let worst: Freshness | 'beyond' = 'proven'
  for (const { partition, checkpoint } of partitions) {
    if (checkpoint && !hasSignature(checkpoint.metadata, signature)) return 'unknown'
    const log = end?.ends.get(partition)
    const freshness = strictFreshness(checkpoint?.next ?? null, log?.next ?? null)
    if (freshness === 'unknown') return 'unknown'
    // Another log, or one whose end may have been cut off: its numbers say nothing until the projector has looked.
    if (checkpoint && log && !hasIdentity(checkpoint.metadata, log.identity)) return 'behind'
    if (freshness === 'behind' || worst === 'proven') worst = freshness
  }
  return worst
}

/** Whether every checkpoint lies within the log as it was later, and of that very log. */
const isWithin = (partitions: readonly PartitionView[], later: Ends | null): boolean =>
  partitions.every(({ partition, checkpoint }) => {
    const end = later?.ends.get(partition)
    return checkpoint && end && checkpoint.next <= end.next && hasIdentity(checkpoint.metadata, end.identity)
  })

const boundedFreshness = (
  partitions: readonly PartitionView[],
  signature: string,
): { freshness: Freshness; asOfMs: number } => {
  let asOfMs = Number.POSITIVE_INFINITY
  for (const { checkpoint, lease } of partitions) {
    if (!lease || !checkpoint || !hasSignature(checkpoint.metadata, signature))
      return { freshness: 'behind', asOfMs: 0 }
    asOfMs = Math.min(asOfMs, lease.provenAtMs)
  }
  return { freshness: 'proven', asOfMs }
}
