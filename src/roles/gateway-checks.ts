import type { Log as EventLog } from '../../consumers/ports/log.ts'
import type { StoreAdmin } from '../../consumers/ports/store.ts'
import type { LiveConfig } from '../config/live.ts'
import type { Check, CheckResult } from '../metrics/port-server.ts'

export type Servers = {
  readonly log: Pick<EventLog, 'ends'>
  readonly store: { readonly admin: Pick<StoreAdmin, 'activeGeneration'> }
}

const START_MS = 10_000

/**
 * A gateway that can still ask ERPs is ready whatever the state of store and log: removing it from the load balancer
 * would lose the ERPs' answers. Without an ERP it depends on store and log. At start it waits briefly for its
 * connections, so that a rolling restart does not overload the ERPs.
 *
 * @param now milliseconds, monotonic
 */
export const gatewayChecks = ({ log, store }: Servers, live: LiveConfig, now: () => number): readonly Check[] => {
  const startedMs = now()
  const met = new Set<string>()
  const here = (server: string, detail: string): CheckResult => {
    met.add(server)
    return { ok: true, detail }
  }
  const away = (server: string): CheckResult => {
    if (!hasErp(live)) return { ok: false, detail: `the ${server} does not answer, and no ERP is configured` }
    const hasWaited = met.has(server) || now() - startedMs > START_MS
    return hasWaited
      ? { ok: false, detail: `the ${server} does not answer; pulls go to the ERPs`, blocks: false }
      : { ok: false, detail: `the ${server} has not answered yet` }
  }
  const someAway = (silent: readonly number[]): CheckResult => {
    met.add('log')
    return { ok: false, detail: `partition ${silent.join(', ')} of the log does not answer`, blocks: false }
  }
  return [
    {
      name: 'store',
      check: () =>
        store.admin.activeGeneration().then(
          (active) => here('store', active === null ? 'empty: nothing was projected yet' : `generation ${active}`),
          () => away('store'),
        ),
    },
    {
      name: 'log',
      check: () => {
        const { name, partitions } = live.current().topic
        const numbers = Array.from({ length: partitions }, (_, partition) => partition)
        return log.ends(name, numbers).then(
          (ends) => {
            const silent = numbers.filter((partition) => !ends.has(partition))
            if (silent.length === partitions) return away('log')
            return silent.length > 0 ? someAway(silent) : here('log', 'answers')
          },
          () => away('log'),
        )
      },
    },
  ]
}

/** An ERP can be asked. */
export const hasErp = (live: Pick<LiveConfig, 'current'>): boolean => {
  const { erp, branches } = live.current()
  return erp !== null && erp !== undefined ? true : branches.some((branch) => branch.erp)
}
