/** A token bucket: `perSecond` on average, one second's worth at once. */
export type TokenBucket = {
  readonly perSecond: number
  /** 0: one token was taken. Otherwise the milliseconds until the next token. `nowMs` is monotonic. */
  readonly take: (nowMs: number) => number
}

export const tokenBucket = (perSecond: number, burst: number = perSecond): TokenBucket => {
  let tokens = burst
  let refilledAt = Number.NEGATIVE_INFINITY
  const take = (nowMs: number): number => {
    if (nowMs > refilledAt) {
      tokens = Math.min(burst, tokens + ((nowMs - refilledAt) / 1000) * perSecond)
      refilledAt = nowMs
    }
    if (tokens >= 1) {
      tokens -= 1
      return 0
    }
    return ((1 - tokens) / perSecond) * 1000
  }
  return { perSecond, take }
}

/** For `Retry-After`: whole seconds, at least one. */
export const retrySeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))
