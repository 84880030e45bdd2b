import type { PartitionView } from '../../consumers/ports/store.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'

/** An answer that once was true. */
export type KnownAnswer = { readonly status: 200 | 422; readonly body: Uint8Array; readonly saidAtMs: number }

/**
 * What may be answered when nobody can be asked: the ERPs' last answers by lookup (bounded in bytes, least recently used
 * out first), and what the projection holds, dated by when its partition was last proven. Nothing is kept where it is
 * not allowed.
 */
export type LastKnownGood = {
  readonly remember: (lookup: PullQuery, answer: KnownAnswer) => void
  /** These partitions held everything at `provenAtMs`. */
  readonly proven: (partitions: readonly PartitionView[], provenAtMs: number) => void
  /**
   * The youngest of the ERP's last answer and the projection's, if it is young enough.
   *
   * @param found what the projection says, if it can be read
   * @param heardMs when the branch's publisher was last heard of: what it may have kept to itself since is not in there
   */
  readonly recall: (
    lookup: PullQuery,
    found: EnrolmentMatch | null,
    heardMs: number,
    nowMs: number,
  ) => KnownAnswer | null
}

type ProvenUpTo = { readonly next: number; readonly atMs: number }

/** What an entry costs beside its body. */
const ENTRY_BYTES = 512

export const lastKnownGood = (maxAgeMs: number, maxBytes: number): LastKnownGood => {
  const known = new Map<string, KnownAnswer>()
  const proofs = new Map<number, ProvenUpTo>()
  let bytes = 0
  const keyOf = (lookup: PullQuery): string =>
    JSON.stringify(Object.entries(lookup).sort(([a], [b]) => (a < b ? -1 : 1)))
  const sizeOf = (answer: KnownAnswer): number => answer.body.byteLength + ENTRY_BYTES
  const forget = (key: string): KnownAnswer | null => {
    const answer = known.get(key)
    if (answer === undefined) return null
    known.delete(key)
    bytes -= sizeOf(answer)
    return answer
  }
  const keep = (key: string, answer: KnownAnswer): void => {
    forget(key)
    known.set(key, answer)
    bytes += sizeOf(answer)
    for (const oldest of known.keys()) {
      if (bytes <= maxBytes) return
      forget(oldest)
    }
  }
  const said = (lookup: PullQuery): KnownAnswer | null => {
    const key = keyOf(lookup)
    const answer = forget(key)
    if (answer) keep(key, answer)
    return answer
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
    remember: (lookup, answer) => {
      if (maxAgeMs > 0) keep(keyOf(lookup), answer)
    },
    proven: (partitions, atMs) => {
      if (maxAgeMs > 0)
        for (const { partition, checkpoint } of partitions) proofs.set(partition, { next: checkpoint?.next ?? 0, atMs })
    },
    recall: (lookup, found, heardMs, nowMs) => {
      if (maxAgeMs === 0) return null
      const candidates = [said(lookup), found && projected(found, heardMs)].filter((answer) => answer !== null)
      const youngest = candidates.reduce<KnownAnswer | null>(
        (best, answer) => (best && best.saidAtMs >= answer.saidAtMs ? best : answer),
        null,
      )
      return youngest && nowMs - youngest.saidAtMs <= maxAgeMs ? youngest : null
    },
  }
}
