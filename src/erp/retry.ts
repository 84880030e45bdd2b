import type { ResponseHeaders } from './exchange.ts'

/** First call and retries together: enough for a restart behind a load balancer, too few to worsen an overload. */
export const maxAttempts = 4

const firstBackoffMs = 100
const maxBackoffMs = 2_000
const maxRetryAfterMs = 86_400_000

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/**
 * `Retry-After` in milliseconds, from seconds or a date. A date is compared with the ERP's own `Date` where present, so
 * that the clocks of two machines need not agree.
 */
export const retryAfterMs = (headers: ResponseHeaders, unixMs: number): number | undefined => {
  const retryAfterText = one(headers['retry-after'])?.trim()
  if (!retryAfterText) return undefined
  if (/^\d+$/.test(retryAfterText)) return Math.min(Number(retryAfterText) * 1_000, maxRetryAfterMs)
  if (!retryAfterText.endsWith('GMT')) return undefined
  const until = Date.parse(retryAfterText)
  const date = Date.parse(one(headers['date']) ?? '')
  if (Number.isNaN(until)) return undefined
  return Math.min(Math.max(0, until - (Number.isNaN(date) ? unixMs : date)), maxRetryAfterMs)
}

/**
 * Milliseconds before the next attempt, or `null` to stop. Full jitter: a random time up to the doubled backoff. The
 * ERP's own wish is the minimum; the added time spreads callers that got the same wish.
 *
 * @param retries number of retries so far
 * @param roomMs time until the last moment at which another attempt makes sense
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
