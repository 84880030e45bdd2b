import type { ErpDirectory } from '../erp/directory.ts'
import { type Probing, startProbing } from '../erp/probing.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Probes the ERPs while the gateway runs. Its metric covers the ERPs of the configuration in force. */
export const probeErps = (erps: ErpDirectory, metrics: Metrics, log: Logger, everyMs?: number): Probing => {
  const probing = startProbing({
    erps: erps.probed,
    log,
    ...(everyMs !== undefined && { everyMs, tickMs: everyMs / 4 }),
  })
  metrics.onScrape(() => {
    for (const erp of erps.probed())
      metrics.set('pullgate_erp_probe_failed', { erp: erp.label }, probing.failureOf(erp) === null ? 0 : 1)
  })
  return probing
}
