import type { ScoutedForStudent } from '../../consumers/ports/scouted.ts'

/**
 * `proven`: the projection holds every event published before the pull arrived (strict), or recently enough (bounded).
 */
export type Freshness = 'proven' | 'behind' | 'unknown'

/**
 * Strict: compares the applied offset with the log's end, requested after the pull arrived. An applied offset beyond
 * the end means that more events arrived, or that the log is a different one. Only a second request can decide.
 */
export const strictFreshness = (next: number | null, end: number | null): Freshness | 'beyond' => {
  if (end === null) return 'unknown'
  // Without a checkpoint the identity of the log is unchecked: an empty log may have replaced the former one.
  if (next === null) return 'behind'
  if (next > end) return 'beyond'
  return next === end ? 'proven' : 'behind'
}

/** The end offset of a log, with the log's identity. */
type KnownEnd = { readonly identity: string; readonly end: number }

/**
 * Whether a student is up to date although the partition is behind. The whole range from the checkpoint to the end was
 * scanned, and no record of it concerns the student. Range and mark are of one moment, checkpoint and record of
 * another; either may be the earlier one (docs/adr/0024-scouting-a-backlog.md).
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

/**
 * A monitored publisher must have sent a heartbeat recently: a dead publisher shows no lag. A heartbeat from the future
 * counts as now.
 */
export const isAlive = (heartbeatMs: number | undefined, nowMs: number, maxAgeMs: number): boolean =>
  heartbeatMs !== undefined && nowMs - heartbeatMs <= maxAgeMs
