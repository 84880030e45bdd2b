import type { ErpConfig } from '../config/load.ts'
import type { Attempt } from './attempt.ts'
import { type Breaker, type BreakerState, erpBreaker } from './breaker.ts'
import type { ErpClock } from './clock.ts'

/**
 * One ERP's breaker for each client. A client's failures open the breaker for that client; failures of several clients
 * open it for all. So no client keeps the breaker open for others with lookups that its ERP cannot answer, and all
 * clients avoid an ERP that is down. Each client probes for itself.
 */
export type ClientBreakers = {
  readonly of: (client: string) => Breaker
  /** The best state among the clients that were active recently. */
  readonly state: () => BreakerState
  /**
   * The ERP has answered a probe: closes, on probation, the half-open breakers of clients that have not asked lately.
   * The breaker of an active client waits for a call of that client. A failed probe changes no breaker.
   */
  readonly recovered: (sound: Attempt) => Promise<void>
  readonly close: () => void
}

type Seen = { readonly breaker: Breaker; askedMs: number }

const severity: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 }
/** A client without calls for this long says nothing about the ERP. */
const activeMs = 60_000
/** Clients are named in the configuration; a reload may add others. */
const maxClients = 256

export const clientBreakers = (options: {
  readonly config: Pick<ErpConfig, 'timeout_ms' | 'breaker'>
  readonly clock: ErpClock
  readonly random: () => number
  readonly onChange: (client: string, state: BreakerState, openMs: number) => void
}): ClientBreakers => {
  const { config, clock, onChange } = options
  const { volume, error_percent } = config.breaker
  const clients = new Map<string, Seen>()
  let openForAllUntilMs = 0

  /**
   * One client's failures count at most as half of `volume`, and at most as many as those of all others together. A
   * single client therefore adds no more than what other clients saw themselves.
   */
  const hasFailedForSeveral = (): boolean => {
    const counts = [...clients.values()].map(({ breaker }) => breaker.counts())
    const all = counts.reduce((sum, { failures }) => sum + failures, 0)
    const counted = counts
      .map(({ failures }) => Math.min(failures, volume / 2, all - failures))
      .reduce((sum, failures) => sum + failures, 0)
    const calls = counts.reduce((sum, { sound }) => sum + sound, counted)
    return counted > 0 && calls >= volume && (counted / calls) * 100 >= error_percent
  }
  const openForAll = (): void => {
    for (const { breaker } of clients.values()) if (breaker.state() === 'closed') breaker.open()
    openForAllUntilMs = clock.nowMs() + Math.max(...[...clients.values()].map(({ breaker }) => breaker.reopensInMs()))
  }

  const make = (client: string): Seen => {
    for (const [name, { breaker, askedMs }] of clients) {
      if (clients.size < maxClients) break
      if (clock.nowMs() - askedMs < activeMs) continue
      breaker.close()
      clients.delete(name)
    }
    const inner = erpBreaker({ ...options, onChange: (state, openMs) => onChange(client, state, openMs) })
    const run = async (call: () => Promise<Attempt>): Promise<Attempt | null> => {
      const attempt = await inner.run(call)
      if (attempt !== null && !attempt.sound && hasFailedForSeveral()) openForAll()
      return attempt
    }
    const seen = { breaker: { ...inner, run }, askedMs: clock.nowMs() }
    clients.set(client, seen)
    // The probe ended while the ERP is down for every client.
    if (clock.nowMs() < openForAllUntilMs) inner.open()
    return seen
  }

  return {
    of: (client) => {
      const seen = clients.get(client) ?? make(client)
      seen.askedMs = clock.nowMs()
      return seen.breaker
    },
    state: () => {
      const all = [...clients.values()]
      const active = all.filter(({ askedMs }) => clock.nowMs() - askedMs < activeMs)
      return (
        (active.length > 0 ? active : all).reduce<BreakerState | null>((best, { breaker }) => {
          const state = breaker.state()
          return best === null || severity[state] < severity[best] ? state : best
        }, null) ?? 'closed'
      )
    },
    recovered: async (sound) => {
      const isIdle = ({ askedMs }: Seen): boolean => clock.nowMs() - askedMs >= activeMs
      const halfOpen = [...clients.values()].filter((seen) => isIdle(seen) && seen.breaker.state() === 'half-open')
      await Promise.all(halfOpen.map(({ breaker }) => breaker.run(() => Promise.resolve(sound))))
    },
    close: () => {
      for (const { breaker } of clients.values()) breaker.close()
    },
  }
}
