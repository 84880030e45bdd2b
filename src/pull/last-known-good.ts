import type { PartitionView } from '../../consumers/ports/store.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'
import { isSameLast, type StudentMark } from './student-mark.ts'

/** An earlier answer that was true at its time. */
export type KnownAnswer = { readonly status: 200 | 422; readonly body: Uint8Array; readonly saidAtMs: number }

/**
 * Answers for when no source can be asked. They are the ERPs' last answers by lookup (bounded in bytes, least recently
 * used removed first), and the projection, dated by its partition's last proof. Nothing is kept without permission, or
 * beyond the configured age.
 *
 * An ERP's answer becomes invalid when an event of its student, above all an erasure, was applied after the projection
 * read before the call. The student's mark shows it. Where the projection cannot be read, the partition must not have
 * advanced since that read.
 */
export type LastKnownGood = {
  readonly isAllowed: boolean
  /** @param mark of the answer's student before the ERP call; `null`: the projection could not be read */
  readonly remember: (lookup: PullQuery, answer: KnownAnswer, mark: StudentMark | null) => void
  /** The student of the ERP's last answer, as far as known. */
  readonly studentOf: (lookup: PullQuery) => StudentId | null
  /** Records the partitions of a read. */
  readonly seen: (partitions: readonly PartitionView[]) => void
  /** Records that these partitions held every event at `provenAtMs`. */
  readonly proven: (partitions: readonly PartitionView[], provenAtMs: number) => void
  /**
   * The newer one of the ERP's last answer and the projection's, if it is new enough.
   *
   * @param found the projection's result, if it can be read
   * @param mark of the student of the ERP's answer, if it can be read
   * @param heardMs time of the publisher's last heartbeat; later events of the publisher may be missing
   */
  readonly recall: (
    lookup: PullQuery,
    found: EnrolmentMatch | null,
    mark: StudentMark | null,
    heardMs: number,
    nowMs: number,
  ) => KnownAnswer | null
  readonly forgetOld: (nowMs: number) => void
}

type ProvenUpTo = { readonly next: number; readonly atMs: number }
/** `reads`: number of projection reads at that time. */
type Remembered = { readonly answer: KnownAnswer; readonly mark: StudentMark | null; readonly reads: number }

/** Approximate bytes of an entry in addition to its body. */
const ENTRY_BYTES = 512

export const lastKnownGood = (maxAgeMs: number, maxBytes: number): LastKnownGood => {
  const isAllowed = maxAgeMs > 0
  const remembered = new Map<string, Remembered>()
  const proofs = new Map<number, ProvenUpTo>()
  const seenNext = new Map<number, number>()
  let reads = 0
  let bytes = 0
  const keyOf = (lookup: PullQuery): string =>
    JSON.stringify(Object.entries(lookup).sort(([a], [b]) => (a < b ? -1 : 1)))
  const sizeOf = ({ answer }: Remembered): number => answer.body.byteLength + ENTRY_BYTES
  const forget = (key: string): Remembered | null => {
    const entry = remembered.get(key)
    if (entry === undefined) return null
    remembered.delete(key)
    bytes -= sizeOf(entry)
    return entry
  }
  const keep = (key: string, entry: Remembered): void => {
    forget(key)
    remembered.set(key, entry)
    bytes += sizeOf(entry)
    for (const oldest of remembered.keys()) {
      if (bytes <= maxBytes) return
      forget(oldest)
    }
  }
  const isOvertaken = (entry: Remembered, mark: StudentMark | null): boolean => {
    if (entry.mark === null) return mark !== null || entry.reads < reads
    if (mark !== null) return !isSameLast(entry.mark, mark)
    return entry.mark.next < (seenNext.get(entry.mark.partition) ?? 0)
  }
  const erpAnswer = (lookup: PullQuery, mark: StudentMark | null): KnownAnswer | null => {
    const key = keyOf(lookup)
    const entry = forget(key)
    if (entry === null || isOvertaken(entry, mark)) return null
    // No event of the student is among the events applied up to here.
    keep(key, mark === null || entry.mark === null ? entry : { ...entry, mark })
    return entry.answer
  }
  /** The projection's answer at its partitions' last proof or later; `null` where data has been lost since. */
  const projected = ({ match, suspect, partitions }: EnrolmentMatch, heardMs: number): KnownAnswer | null => {
    if (suspect || match.kind !== 'one' || match.phase.body === null) return null
    const dates = partitions.map(({ partition, checkpoint }) => {
      const proof = proofs.get(partition)
      return proof && (checkpoint?.next ?? 0) >= proof.next ? proof.atMs : Number.NEGATIVE_INFINITY
    })
    const saidAtMs = Math.min(heardMs, ...dates)
    return { status: match.phase.status === 'active' ? 200 : 422, body: match.phase.body, saidAtMs }
  }

  return {
    isAllowed,
    remember: (lookup, answer, mark) => {
      if (isAllowed) keep(keyOf(lookup), { answer, mark, reads })
    },
    studentOf: (lookup) => remembered.get(keyOf(lookup))?.mark?.id ?? null,
    seen: (partitions) => {
      if (!isAllowed) return
      reads += 1
      for (const { partition, checkpoint } of partitions)
        seenNext.set(partition, Math.max(seenNext.get(partition) ?? 0, checkpoint?.next ?? 0))
    },
    proven: (partitions, atMs) => {
      if (isAllowed)
        for (const { partition, checkpoint } of partitions) proofs.set(partition, { next: checkpoint?.next ?? 0, atMs })
    },
    recall: (lookup, found, mark, heardMs, nowMs) => {
      if (!isAllowed) return null
      const candidates = [erpAnswer(lookup, mark), found && projected(found, heardMs)].filter(
        (answer) => answer !== null,
      )
      const youngest = candidates.reduce<KnownAnswer | null>(
        (best, answer) => (best && best.saidAtMs >= answer.saidAtMs ? best : answer),
        null,
      )
      return youngest && nowMs - youngest.saidAtMs <= maxAgeMs ? youngest : null
    },
    forgetOld: (nowMs) => {
      for (const [key, { answer }] of remembered) if (nowMs - answer.saidAtMs > maxAgeMs) forget(key)
    },
  }
}
