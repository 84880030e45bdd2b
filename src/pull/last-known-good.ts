import type { PullQuery } from './port.ts'

/** An answer that once was true. */
export type KnownAnswer = { readonly status: 200 | 422; readonly body: Uint8Array; readonly saidAtMs: number }

/** The ERPs' last answers by lookup: bounded, least recently used out first; nothing is kept where it is not allowed. */
export type LastKnownGood = {
  readonly remember: (lookup: PullQuery, answer: KnownAnswer) => void
  /** The ERP's last answer, if it is young enough. */
  readonly recall: (lookup: PullQuery, nowMs: number) => KnownAnswer | null
  readonly isYoungEnough: (saidAtMs: number, nowMs: number) => boolean
}

export const lastKnownGood = (maxAgeMs: number, maxEntries: number): LastKnownGood => {
  const known = new Map<string, KnownAnswer>()
  const keyOf = (lookup: PullQuery): string =>
    JSON.stringify(Object.entries(lookup).sort(([a], [b]) => (a < b ? -1 : 1)))
  const isYoungEnough = (saidAtMs: number, nowMs: number): boolean => maxAgeMs > 0 && nowMs - saidAtMs <= maxAgeMs
  return {
    isYoungEnough,
    remember: (lookup, answer) => {
      if (maxAgeMs === 0) return
      const key = keyOf(lookup)
      known.delete(key)
      known.set(key, answer)
      if (known.size > maxEntries) for (const [oldest] of known) return void known.delete(oldest)
    },
    recall: (lookup, nowMs) => {
      const key = keyOf(lookup)
      const answer = known.get(key)
      if (!answer) return null
      known.delete(key)
      if (!isYoungEnough(answer.saidAtMs, nowMs)) return null
      known.set(key, answer)
      return answer
    },
  }
}
