import type { ScoutedForStudent, ScoutProof } from '../../consumers/ports/scouted.ts'
import type { Checkpoint, PartitionView } from '../../consumers/ports/store.ts'
import { hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Ends, EndsLookup } from './ends.ts'
import { type Freshness, hasNothingPending, strictFreshness } from './freshness.ts'

export type FreshnessDeps = {
  readonly mode: 'strict' | 'bounded'
  readonly waitMs: number
  /** Answers of a different fold, policy or timezone are not used. */
  readonly signature: string
  readonly ends: EndsLookup
  /** False while settings of the topic or the store may lose events or records: nothing is proven then. */
  readonly isSound: () => boolean
  /** Seconds that a pull waited for the projection. */
  readonly onWait: (seconds: number) => void
}

/**
 * The value read, and whether it is proven to include every event published before the pull arrived. If proven,
 * `asOfMs` (Unix milliseconds) is the moment of the proof; otherwise it has no meaning.
 */
export type Proven<T> = {
  readonly read: T
  readonly freshness: Freshness
  readonly asOfMs: number
  /** The events that the proof covers: those of all partitions, or only those of the requested student. */
  readonly covers: Coverage
}

export type Coverage = 'partitions' | 'student'

/** How to read the value to be proven. */
export type FreshnessReads<T> = {
  /** The partition whose log end is needed, or all partitions. */
  readonly wanted: number | 'all'
  /** Reads again on each call; the checkpoints are at least as new as the other data of the read. */
  readonly read: () => Promise<T>
  /**
   * The same read with the range scanned ahead for the student, for a partition that is behind. Absent: a proof for the
   * student alone is not enough.
   */
  readonly readAhead?: (() => Promise<T>) | undefined
  readonly partitionsOf: (read: T) => readonly PartitionView[]
}

/**
 * The pause between two reads of a checkpoint that is behind: a quarter of the time waited so far, within bounds. So a
 * pull waits at most a quarter longer than necessary, and a long wait causes few reads.
 */
const PAUSE_MS = { least: 1, most: 20 }
const pauseAfter = (waitedMs: number): number => Math.min(Math.max(waitedMs / 4, PAUSE_MS.least), PAUSE_MS.most)

/**
 * Reads the projection and proves its freshness.
 *
 * - The log's end is requested at once, in parallel with the first read.
 * - Where the projection has not reached the end, the read is repeated until it has, for a bounded time.
 * - The checkpoint may be beyond that end, because events arrived or because the log is a different one. An end
 * requested after the read decides which, since no projection is ahead of its own log.
 * - Where a partition is behind, the range scanned ahead is read too. It may prove that no missing event concerns the
 * student.
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
    // The log differs or may have been truncated: its offsets mean nothing until the projector has checked it.
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

/** Whether every checkpoint is within the log's later end and belongs to the same log. */
const isWithin = (partitions: readonly PartitionView[], later: Ends | null): boolean =>
  partitions.every(({ partition, checkpoint }) => {
    const end = later?.ends.get(partition)
    return checkpoint && end && checkpoint.next <= end.next && hasIdentity(checkpoint.metadata, end.identity)
  })

/** Does not wait: the projector and its scout renew their proofs continuously. */
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

/** The scout's own proof, where no event up to its end is pending for the student. */
const proofAhead = (
  { next, metadata }: Checkpoint,
  scouted: ScoutedForStudent | null | undefined,
): ScoutProof | null => {
  const proof = scouted?.proof
  if (!proof || !hasIdentity(metadata, scouted.identity)) return null
  return hasNothingPending(scouted, next, { identity: scouted.identity, end: proof.end }) ? proof : null
}
