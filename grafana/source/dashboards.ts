import type { Dashboard } from './dashboard.ts'
import { erps } from './erps.ts'
import { freshness } from './freshness.ts'
import { pullLatency } from './pull-latency.ts'

/** File name in grafana/dashboards → what it says. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  'pull-latency.json': pullLatency,
  'freshness.json': freshness,
  'erps.json': erps,
}
