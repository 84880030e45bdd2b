// Writes grafana/dashboards from grafana/source; a test holds the files to it.
import { writeFileSync } from 'node:fs'
import { dashboardJson } from '../grafana/source/dashboard.ts'
import { dashboards } from '../grafana/source/dashboards.ts'

for (const [file, dashboard] of Object.entries(dashboards)) {
  writeFileSync(new URL(`../grafana/dashboards/${file}`, import.meta.url), dashboardJson(dashboard))
}
