import type { Log as EventLog } from '../../consumers/ports/log.ts'
import type { StoreAdmin } from '../../consumers/ports/store.ts'
import type { LiveConfig } from '../config/live.ts'
import type { Check } from '../metrics/port-server.ts'

export type Servers = {
  readonly log: Pick<EventLog, 'endOffsets'>
  readonly store: { readonly admin: Pick<StoreAdmin, 'activeGeneration'> }
}

const START_MS = 10_000

/**
 * A gateway that can still ask ERPs is ready whatever becomes of store and log: to take it out of the load balancer would
 * turn answers from the ERPs into none. Only where there is nobody else to ask does it depend on both; and at its start,
 * when connections are being made, it waits for them a little, so that a rolling restart does not fall upon the ERPs.
 *
 * @param now milliseconds, monotonic
 */
export const gatewayChecks = ({ log, store }: Servers, live: LiveConfig, now: () => number): readonly Check[] => {
  const startedMs = now()
  const met = new Set<string>()
  const here = (server: string, detail: string) => {
    met.add(server)
    return { ok: true, detail }
  }
  const away = (server: string) => {
    const { erp, branches } = live.current()
    if (!erp && !branches.some((branch) => branch.erp))
      return { ok: false, detail: `the ${server} does not answer, and no ERP is configured` }
    const hasWaited = met.has(server) || now() - startedMs > START_MS
    return hasWaited
      ? { ok: true, detail: `the ${server} does not answer; pulls go to the ERPs` }
      : { ok: false, detail: `the ${server} has not answered yet` }
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
      check: () =>
        log.endOffsets(live.current().topic.name, [0]).then(
          () => here('log', 'answers'),
          () => away('log'),
        ),
    },
  ]
}
