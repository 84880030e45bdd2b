export type PaceOptions = {
  /** Events a second at most; `null`: as fast as the rests allow. */
  readonly maxRate: number | null
  /** How long to rest after each write, in parts of the time that it took. */
  readonly rest: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** A timer is late by about a millisecond: rests are saved up until they are worth one. */
const SHORTEST_MS = 2
/** What was missed because the log was slow is made up for this long at most. */
const LONGEST_CREDIT_MS = 500

/** Leaves room for the pulls: rests in proportion to the work, and holds the rate. */
export const pace = ({ maxRate, rest, now, sleep }: PaceOptions): ((records: number, ms: number) => Promise<void>) => {
  let restMs = 0
  let dueAt = now()
  return async (records, ms) => {
    restMs += ms * rest
    if (maxRate !== null) dueAt = Math.max(dueAt, now() - LONGEST_CREDIT_MS) + (records * 1000) / maxRate
    const aheadMs = maxRate === null ? 0 : dueAt - now()
    const waitMs = Math.max(restMs, aheadMs)
    if (waitMs < SHORTEST_MS) return
    restMs = 0
    await sleep(waitMs)
  }
}
