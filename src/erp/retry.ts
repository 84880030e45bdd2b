import type { ResponseHeaders } from './exchange.ts'

/** First call and retries together: enough for a restart behind a load balancer, too few to make an overload worse. */
export const maxAttempts = 4

const firstBackoffMs = 100
const maxBackoffMs = 2_000
const maxRetryAfterMs = 86_400_000

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/**
 * `Retry-After` in milliseconds, as seconds or as a date. A date is compared with the ERP's own `Date` where it sends
 * one, so that two machines' clocks need not agree.
 */
export const retryAfterMs = (headers: ResponseHeaders, unixMs: number): number | undefined => {
  const said = one(headers['retry-after'])?.trim()
  if (!said) return undefined
  if (/^\d+$/.test(said)) return Math.min(Number(said) * 1_000, maxRetryAfterMs)
  if (!said.endsWith('GMT')) return undefined
  const until = Date.parse(said)
  const date = Date.parse(one(headers['date']) ?? '')
  if (Number.isNaN(until)) return undefined
  return Math.min(Math.max(0, until - (Number.isNaN(date) ? unixMs : date)), maxRetryAfterMs)
}

/**
 * How long to wait before the next attempt, or `null` to give up. Full jitter: anything between nothing and the
 * doubled backoff. What the ERP asked for is the least; what is added to it spreads those that were told the same.
 *
 * @param retries how many retries there have been
 * @param roomMs what is left until the last moment at which another attempt makes sense
 */
export const retryDelayMs = (
  retries: number,
  askedMs: number | undefined,
  roomMs: number,
  random: () => number,
): number | null => {
  if (retries + 1 >= maxAttempts) return null
  const jitterMs = random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** retries)
  const leastMs = askedMs ?? 0
  if (leastMs >= roomMs) return null
  return Math.min(leastMs + jitterMs, roomMs)
}
