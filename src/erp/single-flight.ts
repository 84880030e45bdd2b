import { type ErpClock, expireAt } from './clock.ts'

/**
 * Single flight: callers of one key share one piece of work, each with its own deadline. The work may continue until
 * the latest deadline. A late caller is not cut by the first deadline, and an early caller does not wait past its own.
 */
export type SingleFlight<T> = {
  readonly join: (key: string, deadlineMs: number, work: (until: () => number) => Promise<T>) => Promise<T>
  /** Settles when no work is left. */
  readonly landed: () => Promise<void>
}

type Flight<T> = { readonly until: { ms: number }; readonly result: Promise<T> }

/** @param expired the result for a caller whose deadline passed; `work` must not reject */
export const singleFlight = <T>(clock: ErpClock, expired: T): SingleFlight<T> => {
  const flying = new Map<string, Flight<T>>()

  const start = (key: string, deadlineMs: number, work: (until: () => number) => Promise<T>): Flight<T> => {
    const until = { ms: deadlineMs }
    const land = (result: T): T => {
      flying.delete(key)
      return result
    }
    const flight = { until, result: work(() => until.ms).then(land) }
    flying.set(key, flight)
    return flight
  }

  return {
    join: (key, deadlineMs, work) => {
      if (deadlineMs <= clock.nowMs()) return Promise.resolve(expired)
      const flight = flying.get(key) ?? start(key, deadlineMs, work)
      flight.until.ms = Math.max(flight.until.ms, deadlineMs)
      return new Promise((resolve) => {
        const cancelTimer = expireAt(
          () => deadlineMs,
          clock,
          () => resolve(expired),
        )
        flight.result.then((result) => {
          cancelTimer()
          resolve(result)
        })
      })
    },
    landed: async () => {
      await Promise.all([...flying.values()].map((flight) => flight.result))
    },
  }
}
