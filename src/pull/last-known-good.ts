import type { PartitionView } from '../../consumers/ports/store.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'
import { isSameLast, type StudentMark } from './student-mark.ts'

/** An answer that once was true. */
export type KnownAnswer = { readonly status: 200 | 422; readonly body: Uint8Array; readonly saidAtMs: number }

/**
 * What may be answered when nobody can be asked: the ERPs' last answers by lookup (bounded in bytes, least recently used
 * out first), and what the projection holds, dated by when its partition was last proven. Nothing is kept where it is
 * not allowed, and nothing for longer.
 *
 * An ERP's answer is void as soon as an event of its student, an erasure above all, was applied after the look at the
 * projection that led to it. The student's mark tells; where the projection cannot be read, nothing may have been applied
 * to the partition that was ever seen since.
 */
export type LastKnownGood = {
  readonly isAllowed: boolean
  /** @param mark of the answer's student before the ERP was asked; `null`: the projection could not be read */
  readonly remember: (lookup: PullQuery, answer: KnownAnswer, mark: StudentMark | null) => void
  /** Whom the ERP's last answer is about, as far as that is known. */
  readonly studentOf: (lookup: PullQuery) => StudentId | null
  /** These partitions have been read. */
  readonly seen: (partitions: readonly PartitionView[]) => void
  /** These partitions held everything at `provenAtMs`. */
  readonly proven: (partitions: readonly PartitionView[], provenAtMs: number) => void
  /**
   * The youngest of the ERP's last answer and the projection's, if it is young enough.
   *
   * @param found what the projection says, if it can be read
   * @param mark of the student that the ERP's answer is about, if it can be read
   * @param heardMs when the branch's publisher was last heard of: what it may have kept to itself since is not in there
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
/** `reads`: how often the projection had been read by then. */
type Remembered = { readonly answer: KnownAnswer; readonly mark: StudentMark | null; readonly reads: number }

/** What an entry costs beside its body. */
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
  const said = (lookup: PullQuery, mark: StudentMark | null): KnownAnswer | null => {
    const key = keyOf(lookup)
    const entry = forget(key)
    if (entry === null || isOvertaken(entry, mark)) return null
    // What was applied up to here was none of the student's events.
    keep(key, mark === null || entry.mark === null ? entry : { ...entry, mark })
    return entry.answer
  }
  /** What the projection said when its partitions were last proven, or later; not where it has lost what it held then. */
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
      const candidates = [said(lookup, mark), found && projected(found, heardMs)].filter((answer) => answer !== null)
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
