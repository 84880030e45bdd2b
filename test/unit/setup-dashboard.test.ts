import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { MetricSpec } from '../../src/metrics/spec.ts'
import { table } from '../../src/metrics/table.ts'

type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] }
type Dashboard = { readonly uid: string; readonly panels: readonly Panel[] }

const metrics: Readonly<Record<string, MetricSpec>> = table
const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const queries = globSync('grafana/dashboards/*.json').flatMap((file) =>
  (JSON.parse(read(file)) as Dashboard).panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [`${file}: ${title}`, expr] as const),
  ),
)

/** The metric that a series of a query belongs to: histograms have three kinds of series. */
const metricOf = (series: string): string => {
  const base = series.replace(/_(bucket|sum|count)$/, '')
  return metrics[base]?.kind === 'histogram' ? base : series
}

const labelsOf = (expr: string): string[] => {
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/))
  const matched = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, name = '']) => name),
  )
  return [...grouped, ...matched]
}

describe('the dashboards', () => {
  test.each(queries)('%s asks only for metrics and labels that the program has', (_, expr) => {
    const asked = [...expr.matchAll(/\bpullgate_\w+/g)].map(([series]) => metricOf(series))
    expect(asked).not.toEqual([])
    for (const name of asked) expect(metrics).toHaveProperty(name)
    const known = new Set(['le', ...asked.flatMap((name) => metrics[name]?.labels ?? [])])
    for (const label of labelsOf(expr)) expect(known).toContain(label)
  })

  test('pull latency has a stable address and shows p50, p99 and p99.9 by source', () => {
    const { uid, panels } = JSON.parse(read('grafana/dashboards/pull-latency.json')) as Dashboard
    expect(uid).toBe('pullgate-pull')
    const latency = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')
    for (const quantile of ['0.5', '0.99', '0.999']) {
      expect(latency).toContain(
        `histogram_quantile(${quantile}, sum by (le, source) (rate(pullgate_pull_duration_seconds_bucket`,
      )
    }
  })
})
