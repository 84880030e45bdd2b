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

/** A publisher that is watched must have been alive lately: a dead one has no lag. One from the future counts as now. */
export const isAlive = (heartbeatMs: number | undefined, nowMs: number, maxAgeMs: number): boolean =>
  heartbeatMs !== undefined && nowMs - heartbeatMs <= maxAgeMs
