import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { eventData, HEARTBEAT, RESOLVED } from '../projections/events/event.ts'
import { erpRequestOutcomes } from '../src/erp/port.ts'
import { buildMetrics } from '../src/metrics/metrics.ts'
import type { Role } from '../src/metrics/spec.ts'
import { table } from '../src/metrics/table.ts'
import { promtool } from '../test/support/prometheus.ts'

/** A day as three replicas of each role would have told it, and as the recording rules would have summed it up. */

export const SCRAPE_SECONDS = 15
const BLOCK_SECONDS = 7_200
export const DAY_SECONDS = 86_400
const REPLICAS = ['a', 'b', 'c']
const ERPS = ['group', 'BLR-01', 'MUM-02', 'DEL-03', 'PUN-04']
const TYPES = [...Object.keys(eventData), HEARTBEAT, RESOLVED, 'none', 'unknown']
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d']

type Series = { readonly head: string; readonly at: (seconds: number) => number }

const bySlo = (name: string, value: number): Series[] =>
  ['availability', 'latency', 'freshness'].map((slo) => ({ head: `${name}{slo="${slo}"}`, at: () => value }))

const steady = (head: string, value: number): Series => ({ head, at: (t) => value + ((t / 15) % 11) / 100 })
const growing = (head: string): Series => ({ head, at: (t) => head.length + (t % 900) / 900 })
const buckets = (
  name: 'pullgate_pull_duration_seconds' | 'pullgate_event_visible_seconds' | 'pullgate_erp_request_duration_seconds',
) => [...table[name].buckets.map(String), '+Inf']

const recorded = (): readonly Series[] => [
  ...bySlo('pullgate:slo_budget:ratio', 0.001),
  ...bySlo('pullgate:slo_all:sum', 100),
  ...bySlo('pullgate:slo_bad:sum', 0.01),
  ...WINDOWS.flatMap((window) => bySlo(`pullgate:slo_errors:ratio_${window}`, 0.0001)),
  ...['projection', 'erp', 'last-known-good'].flatMap((source) =>
    ['200', '422'].map((code) => steady(`pullgate:pulls:rate5m{source="${source}",code="${code}"}`, 30)),
  ),
  ...['500', '502', '503'].map((code) => steady(`pullgate:pulls:rate5m{source="none",code="${code}"}`, 0.01)),
  ...buckets('pullgate_pull_duration_seconds').flatMap((le) =>
    ['projection', 'erp', 'last-known-good', 'none'].map((source) =>
      growing(`pullgate:pull_latency_bucket:rate5m{source="${source}",le="${le}"}`),
    ),
  ),
  ...REPLICAS.map((replica) => steady(`pullgate:pull_latency:p99_5m{instance="gateway-${replica}"}`, 0.004)),
  ...['miss', 'stale', 'suspect', 'incoherent', 'ambiguous', 'store_unavailable'].map((reason) =>
    steady(`pullgate:pull_fallback:rate5m{reason="${reason}"}`, 0.5),
  ),
  ...TYPES.flatMap((type) =>
    table.pullgate_events_total.values.outcome.map((outcome) =>
      steady(`pullgate:events:rate5m{type="${type}",outcome="${outcome}"}`, 1),
    ),
  ),
  ...buckets('pullgate_event_visible_seconds').map((le) => growing(`pullgate:event_visible_bucket:rate5m{le="${le}"}`)),
  ...ERPS.flatMap((erp) => [
    { head: `pullgate:erp_latency:p99_5m{erp="${erp}"}`, at: (t: number) => 0.3 + (t % 600) / 6_000 },
    ...erpRequestOutcomes.map((outcome) =>
      steady(`pullgate:erp_requests:rate5m{erp="${erp}",outcome="${outcome}"}`, outcome === 'answer' ? 5 : 0.1),
    ),
    ...buckets('pullgate_erp_request_duration_seconds').map((le) =>
      growing(`pullgate:erp_latency_bucket:rate5m{erp="${erp}",le="${le}"}`),
    ),
  ]),
  ...Array.from({ length: 16 }, (_, partition) =>
    ['partition_fresh_age:min', 'partition_lag:max', 'log_broken:max'].map((name) =>
      steady(`pullgate:${name}{partition="${partition}"}`, 0.3),
    ),
  ).flat(),
]

/** Counters and buckets grow, each at a pace of its own; gauges move a little. */
const shapeOf = (head: string): Series['at'] => {
  const pace = 0.2 + ((head.length * 7919) % 97) / 50
  const le = /le="([^"]+)"/.exec(head)?.[1]
  if (le !== undefined) {
    const share = le === '+Inf' ? 1 : Math.min(1, 0.5 + Math.log10(1 + Number(le) * 1000) / 8)
    return (t) => Math.floor(t * 10 * share)
  }
  if (/_count[{]?/.test(head)) return (t) => Math.floor(t * 10)
  if (/_(total|sum)\b/.test(head)) return (t) => Math.floor(t * pace * 10) / 10
  if (head.includes('log_broken') || head.includes('breaker_state')) return () => 0
  return (t) => pace + ((t / SCRAPE_SECONDS) % 7) / 10
}

const exposed = async (): Promise<readonly Series[]> => {
  const dimensions = {
    version: 'bench',
    partitions: 16,
    eventTypes: TYPES.slice(0, -2),
    heartbeatSources: ERPS.map((erp) => `/erp/${erp}`),
    erps: ERPS,
    lastKnownGood: true,
  }
  const all: Series[] = []
  for (const role of ['gateway', 'projector'] satisfies Role[]) {
    const text = await buildMetrics([role], dimensions).render()
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    for (const line of lines) {
      const name = line.slice(0, line.lastIndexOf(' '))
      const [metric = '', labels = ''] = name.split('{', 2)
      const own = labels.slice(0, -1)
      for (const replica of REPLICAS) {
        const target = `instance="${role}-${replica}",job="pullgate"`
        all.push({ head: `${metric}{${own === '' ? '' : `${own},`}${target}}`, at: shapeOf(name) })
      }
    }
  }
  return [...all, ...recorded()]
}

/** Writes blocks into `dir`; two hours at a time, since promtool reads its input anew for every block. */
export const synthesiseDay = async (dir: string, endSeconds: number): Promise<{ series: number; samples: number }> => {
  const series = await exposed()
  const first = endSeconds - DAY_SECONDS
  const file = join(dir, 'day.txt')
  for (let from = first; from < endSeconds; from += BLOCK_SECONDS) {
    const lines = function* () {
      for (const { head, at } of series) {
        let text = ''
        for (let t = from; t < from + BLOCK_SECONDS; t += SCRAPE_SECONDS) text += `${head} ${at(t - first)} ${t}\n`
        yield text
      }
      yield '# EOF\n'
    }
    await pipeline(lines, createWriteStream(file))
    const { code, output } = await promtool(['tsdb', 'create-blocks-from', 'openmetrics', file, join(dir, 'data')])
    if (code !== 0) throw new Error(output)
  }
  await rm(file)
  return { series: series.length, samples: series.length * (DAY_SECONDS / SCRAPE_SECONDS) }
}
