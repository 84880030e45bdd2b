import type { ScoutedForStudent } from '../../consumers/ports/scouted.ts'

/** `proven`: the projection holds every event that was published before the pull arrived (strict), or lately enough (bounded). */
export type Freshness = 'proven' | 'behind' | 'unknown'

/**
 * Strict: the log's end, asked after the pull arrived, against what is applied. An applied offset beyond the end means
 * that the end was asked before the last events came, or that the log is another: only a second look can tell.
 */
export const strictFreshness = (next: number | null, end: number | null): Freshness | 'beyond' => {
  if (end === null) return 'unknown'
  // Without a checkpoint nobody has looked yet which log this is: it may be an empty one in the place of another.
  if (next === null) return 'behind'
  if (next > end) return 'beyond'
  return next === end ? 'proven' : 'behind'
}

/** Where a log ended, and which log that was. */
type KnownEnd = { readonly identity: string; readonly end: number }

/**
 * Whether a student has everything though the partition is behind: all from the checkpoint to the end was scanned, and
 * none of it concerns the student from the checkpoint on. Range and mark are as of one moment, checkpoint and record as of
 * another one; which of the two comes first does not matter (docs/adr/0024-scouting-a-backlog.md).
 */
export const hasNothingPending = (
  scouted: ScoutedForStudent | null | undefined,
  next: number,
  { identity, end }: KnownEnd,
): boolean =>
  scouted !== null &&
  scouted !== undefined &&
  scouted.identity === identity &&
  scouted.from <= next &&
  scouted.upTo >= end &&
  scouted.everybody < next &&
  scouted.mark < next

/** A publisher that is watched must have been alive lately: a dead one has no lag. One from the future counts as now. */
export const isAlive = (heartbeatMs: number | undefined, nowMs: number, maxAgeMs: number): boolean =>
  heartbeatMs !== undefined && nowMs - heartbeatMs <= maxAgeMs
