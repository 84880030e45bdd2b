import type { ScoutedForStudent, ScoutProof } from '../../consumers/ports/scouted.ts'
import type { Checkpoint, PartitionView } from '../../consumers/ports/store.ts'
import { hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Ends, EndsLookup } from './ends.ts'
import { type Freshness, hasNothingPending, strictFreshness } from './freshness.ts'

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
export type Proven<T> = {
  readonly read: T
  readonly freshness: Freshness
  readonly asOfMs: number
  /** Whose events it is proven to include: all of its partitions', or those of the student who was asked for alone. */
  readonly covers: Coverage
}

export type Coverage = 'partitions' | 'student'

/** How to read what is to be proven. */
export type FreshnessReads<T> = {
  /** The partition whose end is needed, or all of them. */
  readonly wanted: number | 'all'
  /** Reads anew each time; its partitions' checkpoints are no younger than the rest of what it reads. */
  readonly read: () => Promise<T>
  /** The same with what was scanned ahead for the student, for when a partition is behind; absent: nobody's alone counts. */
  readonly readAhead?: (() => Promise<T>) | undefined
  readonly partitionsOf: (read: T) => readonly PartitionView[]
}

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
 * tells which, as no projection is ahead of its own log. Where a partition is behind, what was scanned ahead of it is read
 * too: it may tell that none of what is missing concerns the student.
 *
 * @param deadline a `performance.now()` time, milliseconds
 */
export const checkFreshness = async <T>(
  deps: FreshnessDeps,
  reads: FreshnessReads<T>,
  deadline: number,
): Promise<Proven<T>> => {
  const { mode, waitMs, signature, ends, onWait } = deps
  const { wanted, read, readAhead, partitionsOf } = reads
  if (!deps.isSound()) return { read: await read(), freshness: 'unknown', asOfMs: 0, covers: 'partitions' }
  if (mode === 'bounded') return boundedProof(reads, signature)
  const asked = ends(wanted)
  let got = await read()
  const floor = await asked
  const began = performance.now()
  const until = Math.min(began + waitMs, deadline)
  let hasWaited = false
  for (let round = 0; ; round += 1) {
    const partitions = partitionsOf(got)
    let { freshness, covers } = strictOf(partitions, floor, signature)
    if (freshness === 'beyond') {
      freshness = isWithin(partitions, await ends(wanted)) ? 'proven' : 'unknown'
    }
    const now = performance.now()
    const maybeAhead = round === 0 && readAhead !== undefined
    if (freshness !== 'behind' || (now >= until && !maybeAhead)) {
      if (hasWaited) onWait((now - began) / 1000)
      return { read: got, freshness, asOfMs: floor?.askedAtMs ?? 0, covers }
    }
    if (!maybeAhead) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseAfter(now - began), until - now)))
      hasWaited = true
    }
    got = await (readAhead ?? read)()
  }
}

type StrictFreshness = { readonly freshness: Freshness | 'beyond'; readonly covers: Coverage }

const strictOf = (partitions: readonly PartitionView[], end: Ends | null, signature: string): StrictFreshness => {
  let worst: Freshness | 'beyond' = 'proven'
  let covers: Coverage = 'partitions'
  for (const { partition, checkpoint, scouted } of partitions) {
    if (checkpoint && !hasSignature(checkpoint.metadata, signature)) return { freshness: 'unknown', covers }
    const log = end?.ends.get(partition)
    const freshness = strictFreshness(checkpoint?.next ?? null, log?.next ?? null)
    if (freshness === 'unknown') return { freshness, covers }
    // Another log, or one whose end may have been cut off: its numbers say nothing until the projector has looked.
    if (checkpoint && log && !hasIdentity(checkpoint.metadata, log.identity)) return { freshness: 'behind', covers }
    if (freshness === 'behind' && checkpoint && log) {
      const known = { identity: log.identity, end: log.next }
      if (hasNothingPending(scouted, checkpoint.next, known)) {
        covers = 'student'
        continue
      }
    }
    if (freshness === 'behind' || worst === 'proven') worst = freshness
  }
  return { freshness: worst, covers }
}

/** Whether every checkpoint lies within the log as it was later, and of that very log. */
const isWithin = (partitions: readonly PartitionView[], later: Ends | null): boolean =>
  partitions.every(({ partition, checkpoint }) => {
    const end = later?.ends.get(partition)
    return checkpoint && end && checkpoint.next <= end.next && hasIdentity(checkpoint.metadata, end.identity)
  })

/** Nothing is waited for: the projector and its scout prove by themselves, again and again. */
const boundedProof = async <T>(
  { read, readAhead, partitionsOf }: FreshnessReads<T>,
  signature: string,
): Promise<Proven<T>> => {
  const got = await read()
  const proven = boundedOf(partitionsOf(got), signature)
  if (proven.freshness === 'proven' || readAhead === undefined) return { read: got, ...proven }
  const ahead = await readAhead()
  return { read: ahead, ...boundedOf(partitionsOf(ahead), signature) }
}

const boundedOf = (partitions: readonly PartitionView[], signature: string): Omit<Proven<unknown>, 'read'> => {
  let asOfMs = Number.POSITIVE_INFINITY
  let covers: Coverage = 'partitions'
  for (const { checkpoint, lease, scouted } of partitions) {
    const isOurs = checkpoint !== null && hasSignature(checkpoint.metadata, signature)
    const proof = isOurs ? (lease ?? proofAhead(checkpoint, scouted)) : null
    if (proof === null) return { freshness: 'behind', asOfMs: 0, covers }
    if (!lease) covers = 'student'
    asOfMs = Math.min(asOfMs, proof.provenAtMs)
  }
  return { freshness: 'proven', asOfMs, covers }
}

/** The scout's own proof, where nothing up to its end waits for the student. */
const proofAhead = (
  { next, metadata }: Checkpoint,
  scouted: ScoutedForStudent | null | undefined,
): ScoutProof | null => {
  const proof = scouted?.proof
  if (!proof || !hasIdentity(metadata, scouted.identity)) return null
  return hasNothingPending(scouted, next, { identity: scouted.identity, end: proof.end }) ? proof : null
}
