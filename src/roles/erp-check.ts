import type { LiveConfig } from '../config/live.ts'
import type { ErpDirectory } from '../erp/directory.ts'
import { erpEndpoints } from '../erp/erp-endpoints.ts'
import type { Check } from '../metrics/port-server.ts'

/** Lists the branches behind an ERP's label in metrics and logs. It never blocks readiness. */
export const erpCheck = (live: LiveConfig, erps: Pick<ErpDirectory, 'clients'>): Check => ({
  name: 'ERPs',
  check: () => {
    const branches = new Map<string, string[]>()
    for (const { label, collectorCode } of erpEndpoints(live.current())) {
      const of = branches.get(label) ?? []
      branches.set(label, of)
      if (collectorCode !== null) of.push(collectorCode)
    }
    const told = erps.clients().map((client) => {
      const of = branches.get(client.label) ?? []
      return `${client.label}${of.length > 0 ? ` (${of.join(', ')})` : ''}: ${client.breakerState()}`
    })
    return { ok: true, detail: told.length === 0 ? 'none is configured' : told.join('; ') }
  },
})
