import type { LiveConfig } from '../config/live.ts'
import type { ErpDirectory } from '../erp/directory.ts'
import { erpEndpoints } from '../erp/erp-endpoints.ts'
import type { Probing } from '../erp/probing.ts'
import type { Check } from '../metrics/port-server.ts'

/** Lists the branches behind an ERP's label in metrics and logs, and failed probes. It never blocks readiness. */
export const erpCheck = (
  live: LiveConfig,
  erps: Pick<ErpDirectory, 'clients'>,
  probeFailureOf: Probing['failureOf'],
): Check => ({
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
      const failure = probeFailureOf(client)
      const probe = failure === null ? '' : `, the last probe failed: ${failure}`
      return `${client.label}${of.length > 0 ? ` (${of.join(', ')})` : ''}: ${client.breakerState()}${probe}`
    })
    return { ok: true, detail: told.length === 0 ? 'none is configured' : told.join('; ') }
  },
})
