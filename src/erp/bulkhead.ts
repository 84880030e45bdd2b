import { type ErpClock, expireAt } from './clock.ts'

/**
 * At most `max` calls at the ERP, and a bounded queue before it, served in order. A call holds its place until it has
 * really ended, not until somebody stopped waiting for it. After a failure of the whole ERP the limit starts at one
 * and grows by half a place per success. A recovering ERP must not get all waiting calls at once.
 */
export type Bulkhead = {
  /** A place, or why there is none: the queue is full, the wait was too long, or the queue was sent away. */
  readonly enter: (until: () => number) => Promise<'entered' | 'full' | 'expired' | 'dismissed'>
  readonly leave: () => void
  /** Leaves after a while: the ERP notices a hang-up one network trip later and is at work until then. */
  readonly leaveLater: () => void
  readonly dismissWaiting: () => void
  readonly restartRamp: () => void
  readonly grow: () => void
  readonly inside: () => number
}

type BulkheadEntry = Awaited<ReturnType<Bulkhead['enter']>>

const hangUpLingerMs = 100
const growthPerSuccess = 0.5

export const bulkhead = (options: {
  readonly max: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  readonly clock: ErpClock
}): Bulkhead => {
  const { max, maxWaiting, maxWaitMs, clock } = options
  const waiting = new Set<(entry: BulkheadEntry) => void>()
  let limit = max
  let inside = 0

  const admitWaiting = () => {
    for (const settle of waiting) {
      if (inside >= Math.floor(limit)) return
      inside++
      settle('entered')
    }
  }
  const wait = (until: () => number) =>
    new Promise<BulkheadEntry>((resolve) => {
      const latest = clock.nowMs() + maxWaitMs
      const settle = (entry: BulkheadEntry) => {
        cancelTimer()
        waiting.delete(settle)
        resolve(entry)
      }
      const cancelTimer = expireAt(
        () => Math.min(latest, until()),
        clock,
        () => settle('expired'),
      )
      waiting.add(settle)
    })
  const leave = () => {
    inside--
    admitWaiting()
  }

  return {
    enter: async (until) => {
      if (inside < Math.floor(limit)) {
        inside++
        return 'entered'
      }
      return waiting.size < maxWaiting ? wait(until) : 'full'
    },
    leave,
    leaveLater: () => void setTimeout(leave, hangUpLingerMs).unref(),
    dismissWaiting: () => {
      for (const settle of waiting) settle('dismissed')
    },
    restartRamp: () => {
      limit = 1
    },
    grow: () => {
      if (limit === max) return
      limit = Math.min(max, limit + growthPerSuccess)
      admitWaiting()
    },
    inside: () => inside,
  }
}
