import { type ErpClock, expireAt } from './clock.ts'

/**
 * Limits the calls at the ERP to `max`, with a bounded queue.
 * The client with the fewest calls is served first, each client's calls in order. When the queue is full, the client
 * with the most waiting calls loses its newest one. Where several clients were active recently, one client gets at most
 * three quarters of the slots, so an ERP that hangs for it keeps slots for others. A call holds its slot until it has
 * really ended, even when its caller has stopped waiting.
 * After a failure of the whole ERP the limit starts at one and grows by half a slot for each success. A recovering ERP
 * therefore does not get all waiting calls at once.
 *
 * | state of a call | event                             | next state |
 * |-----------------|-----------------------------------|------------|
 * | new             | a slot is free                    | entered    |
 * | new             | no slot is free                   | waiting |
 * | waiting         | the queue is full, and its client has the most waiting calls | refused |
 * | waiting         | a slot becomes free, in its turn  | entered    |
 * | waiting         | `until()` passed, or the queue is cleared | refused |
 * | entered         | the call ends                     | left       |
 */
export type Bulkhead = {
  /** Waits for a slot; otherwise the reason: the queue is full, the wait was too long, or the queue was cleared. */
  readonly enter: (client: string, until: () => number) => Promise<'entered' | 'full' | 'expired' | 'dismissed'>
  /**
   * A slot for a call that no client makes, or `null` where no slot is free. It counts as one of `max`, and as nobody's
   * share. The result frees the slot, after a delay where the call was hung up.
   */
  readonly enterUnasked: () => ((hungUp: boolean) => void) | null
  readonly leave: (client: string) => void
  /** Frees the slot after a delay: the ERP notices a hang-up one network trip later and works until then. */
  readonly leaveLater: (client: string) => void
  readonly dismissWaiting: (client: string) => void
  readonly restartRamp: () => void
  readonly grow: () => void
  readonly inside: () => number
}

type BulkheadEntry = Awaited<ReturnType<Bulkhead['enter']>>

type WaitingCall = { readonly client: string; readonly settle: (entry: BulkheadEntry) => void }

const sharedPart = 3 / 4
/** Time for which slots are reserved for a client after its last call. */
const rememberedMs = 60_000
const maxRemembered = 256
const hangUpLingerMs = 100
const growthPerSuccess = 0.5

export const bulkhead = (options: {
  readonly max: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  readonly clock: ErpClock
}): Bulkhead => {
  const { max, maxWaiting, maxWaitMs, clock } = options
  /** In order of arrival. */
  const waiting = new Set<WaitingCall>()
  const insideOf = new Map<string, number>()
  let limit = max
  let inside = 0

  const change = (client: string, by: 1 | -1): void => {
    inside += by
    const now = (insideOf.get(client) ?? 0) + by
    if (now === 0) insideOf.delete(client)
    else insideOf.set(client, now)
  }
  const seenMs = new Map<string, number>()
  const remember = (client: string): void => {
    seenMs.delete(client)
    seenMs.set(client, clock.nowMs())
    const [[oldest = '', atMs = 0] = []] = seenMs
    if (clock.nowMs() - atMs > rememberedMs || seenMs.size > maxRemembered) seenMs.delete(oldest)
  }
  const countOf = (client: string): number => insideOf.get(client) ?? 0
  const hasPlace = (client: string): boolean => {
    const share = seenMs.size > 1 ? Math.max(1, Math.floor(max * sharedPart)) : max
    return inside < Math.floor(limit) && countOf(client) < share
  }
  const admitWaiting = () => {
    for (;;) {
      const next = [...waiting]
        .filter(({ client }) => hasPlace(client))
        .reduce<WaitingCall | null>(
          (best, call) => (best && countOf(best.client) <= countOf(call.client) ? best : call),
          null,
        )
      if (next === null) return
      change(next.client, 1)
      next.settle('entered')
    }
  }

  const wait = (client: string, until: () => number) =>
    new Promise<BulkheadEntry>((resolve) => {
      const latest = clock.nowMs() + maxWaitMs
      const call: WaitingCall = {
        client,
        settle: (entry) => {
          cancelTimer()
          waiting.delete(call)
          resolve(entry)
        },
      }
      const cancelTimer = expireAt(
        () => Math.min(latest, until()),
        clock,
        () => call.settle('expired'),
      )
      waiting.add(call)
      if (waiting.size > maxWaiting) callToRefuse(client).settle('full')
    })
  /** The newest call of the client with the most waiting calls; the newcomer's own where its client is one of those. */
  const callToRefuse = (newcomer: string): WaitingCall => {
    const queued = new Map<string, number>()
    for (const { client } of waiting) queued.set(client, (queued.get(client) ?? 0) + 1)
    const most = Math.max(...queued.values())
    const [greedy] = queued.get(newcomer) === most ? [newcomer] : [...queued].find(([, count]) => count === most)!
    return [...waiting].findLast(({ client }) => client === greedy)!
  }
  const leave = (client: string) => {
    change(client, -1)
    admitWaiting()
  }

  return {
    enter: async (client, until) => {
      remember(client)
      if (hasPlace(client)) {
        change(client, 1)
        return 'entered'
      }
      return wait(client, until)
    },
    enterUnasked: () => {
      if (waiting.size > 0 || inside >= Math.floor(limit)) return null
      inside += 1
      const free = (): void => {
        inside -= 1
        admitWaiting()
      }
      return (hungUp) => (hungUp ? void setTimeout(free, hangUpLingerMs).unref() : free())
    },
    leave,
    leaveLater: (client) => void setTimeout(leave, hangUpLingerMs, client).unref(),
    dismissWaiting: (client) => {
      for (const call of waiting) if (call.client === client) call.settle('dismissed')
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
