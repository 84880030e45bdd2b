import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { annotations } from '../../../grafana/source/annotations.ts'
import { dashboardJson } from '../../../grafana/source/dashboard.ts'
import { dashboards } from '../../../grafana/source/dashboards.ts'
import { table } from '../../../src/metrics/table.ts'
import { promtool } from '../../support/prometheus.ts'
import { asked, problemsOf, rules, withoutVariables } from '../../support/promql.ts'

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const panels = Object.entries(dashboards).flatMap(([file, { rows }]) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name: `${file}: ${panel.title}`, ...panel }))),
)
const queries = panels.flatMap(({ name, queries }) => queries.map(({ expr }) => ({ name, expr })))

describe('the check of queries', () => {
  test.each([
    ['sum(pullgate_nothing_total)', 'no metric pullgate_nothing_total'],
    ['pullgate_pull_duration_seconds', 'no metric pullgate_pull_duration_seconds'],
    ['pullgate_partition_lag{erp="group"}', 'pullgate_partition_lag has no label erp'],
    ['pullgate_pull_fallback_total{reason="late"}', 'pullgate_pull_fallback_total never has reason="late"'],
    ['pullgate_pull_duration_seconds_count{code=~"6.."}', 'pullgate_pull_duration_seconds_count never has code=~"6.."'],
    ['pullgate_pull_duration_seconds_bucket{le="0.35"}', 'pullgate_pull_duration_seconds_bucket never has le="0.35"'],
    ['pullgate_events_total{type="erp.nothing.v1"}', 'pullgate_events_total never has type="erp.nothing.v1"'],
    ['sum by (erp) (pullgate_partition_lag)', 'nothing asked for has the label erp'],
    ['pullgate:slo_all:sum{slo="beauty"}', 'pullgate:slo_all:sum never has slo="beauty"'],
    ['pullgate:slo_all:avg', 'no metric pullgate:slo_all:avg'],
    ['1 + 1', 'no metric is asked for'],
  ])('%s could only say "no data"', (expr, problem) => {
    expect(problemsOf(expr)).toEqual([problem])
  })

  test('what is no PromQL is refused', () => {
    expect(() => problemsOf('sum(rate(pullgate_events_total[5m])')).toThrow(SyntaxError)
  })
})

describe('the dashboards', () => {
  test.each(queries)('$name asks for what the program exposes: $expr', ({ expr }) => {
    expect(problemsOf(expr)).toEqual([])
  })

  test.each(Object.entries(dashboards))('%s is what its source says', (file, dashboard) => {
    expect(read(`grafana/dashboards/${file}`), 'node scripts/write-dashboards.ts writes it anew').toBe(
      dashboardJson(dashboard),
    )
  })

  test('no other file is provisioned', () => {
    const files = globSync('*.json', { cwd: new URL('grafana/dashboards', root).pathname })
    expect(files.sort()).toEqual(Object.keys(dashboards).sort())
  })

  test('their addresses do not change', () => {
    expect(Object.values(dashboards).map(({ uid }) => uid)).toEqual([
      'pullgate-pull',
      'pullgate-freshness',
      'pullgate-erps',
    ])
  })

  test('every panel says what it is, in which unit, and fits on the screen', () => {
    for (const { name, help, unit, queries, width } of panels) {
      expect(help, name).not.toBe('')
      expect(unit, name).not.toBe('')
      expect(queries.length, name).toBeGreaterThan(0)
      expect(24 % width === 0 || width % 4 === 0, name).toBe(true)
    }
    for (const file of Object.keys(dashboards)) {
      type Placed = { readonly id: number; readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>> }
      const placed = (JSON.parse(read(`grafana/dashboards/${file}`)) as { panels: readonly Placed[] }).panels
      expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length)
      const cells = placed.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)}:${y + Math.floor(i / w)}`),
      )
      expect(new Set(cells).size, `${file}: no panel lies over another`).toBe(cells.length)
      expect(Math.max(...placed.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24)
    }
  })

  test('links lead to alerts of the runbook', () => {
    const alerts = new Set(rules.flatMap(({ alert }) => alert ?? []))
    for (const { name, alerts: linked = [] } of panels)
      for (const alert of linked) expect(alerts.has(alert), `${name}: ${alert}`).toBe(true)
  })

  test.each(annotations)('the annotation $name asks for what the program exposes: $expr', ({ expr, title }) => {
    expect(problemsOf(expr)).toEqual([])
    for (const [, label = ''] of title.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(`by (${label})`)
  })

  /** Every 30 s from a start at minute 2 on; a reload at minute 5, a breaker that opens at 8, a rebuild from 10 to 12. */
  const story = [
    ['pullgate_process_start_time_seconds{instance="a"}', '_x4 120x30'],
    ['pullgate_config_last_reload_success_timestamp_seconds{instance="a"}', '_x4 120x5 300x24'],
    ['pullgate_erp_breaker_state{erp="BLR-01",instance="a"}', '_x4 0x11 2x18'],
    ['pullgate_generation_active{instance="a"}', '_x4 1x19 2x10'],
    ['pullgate_generation_building{instance="a"}', '_x4 0x15 2x3 0x10'],
  ]
  test.each([
    ['Starts', '{instance="a"}', ['2m'], ['4m', '10m']],
    ['Reloads', '{instance="a"}', ['5m'], ['2m', '4m', '7m']],
    ['Breaker openings', '{erp="BLR-01"}', ['8m'], ['7m', '10m']],
    ['Rebuilds', '{}', ['10m', '11m'], ['9m', '13m']],
    ['Switches', '{}', ['12m'], ['2m', '10m', '14m']],
  ])('%s are drawn when they happen, and at no other time', async (name, labels, then, elsewhen) => {
    const { expr } = annotations.find((annotation) => annotation.name === name)!
    const drawn = `(${expr}) * 0`
    const expected = (time: string, samples: readonly object[]) => ({
      expr: drawn,
      eval_time: time,
      exp_samples: samples,
    })
    const folder = mkdtempSync(join(tmpdir(), 'annotations-'))
    const file = join(folder, 'test.yml')
    const tests = {
      interval: '30s',
      input_series: story.map(([series, values]) => ({ series, values })),
      promql_expr_test: [
        ...then.map((time) => expected(time, [{ labels, value: 0 }])),
        ...elsewhen.map((time) => expected(time, [])),
      ],
    }
    writeFileSync(file, stringify({ rule_files: [], evaluation_interval: '30s', tests: [tests] }))
    const result = await promtool(['test', 'rules', file])
    rmSync(folder, { recursive: true })
    expect(result).toMatchObject({ code: 0 })
  })

  test('starts, reloads, breaker openings, rebuilds and switches are drawn over every dashboard', () => {
    expect(annotations.map(({ name }) => name)).toEqual([
      'Starts',
      'Reloads',
      'Breaker openings',
      'Rebuilds',
      'Switches',
    ])
    for (const file of Object.keys(dashboards)) {
      const { list } = JSON.parse(read(`grafana/dashboards/${file}`)).annotations
      expect(
        list.map(({ expr }: { expr: string }) => expr),
        file,
      ).toEqual(annotations.map(({ expr }) => expr))
    }
  })

  test('a variable offers the values of a label that its metric has', () => {
    for (const { variables } of Object.values(dashboards))
      for (const variable of variables)
        if (variable.kind === 'labels')
          expect(problemsOf(`count by (${variable.of ?? variable.name}) (${variable.metric})`)).toEqual([])
  })

  test('the links to the runbook work as they come, and follow the variable', () => {
    for (const file of Object.keys(dashboards)) {
      const { templating, panels: placed } = JSON.parse(read(`grafana/dashboards/${file}`))
      const base = templating.list.find(({ name }: { name: string }) => name === 'runbook').query
      expect(new URL(base).pathname).toBe('/runbook')
      const links: string[] = placed.flatMap(({ links = [] }) => links.map(({ url }: { url: string }) => url))
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's own
      for (const url of links) expect(url.startsWith('${runbook}#'), url).toBe(true)
      expect(links.length).toBeGreaterThan(10)
    }
  })

  test('pull latency shows p50, p99 and p99.9 by source', () => {
    const latency = queries.map(({ expr }) => expr).join('\n')
    for (const quantile of ['0.5', '0.99', '0.999']) {
      expect(latency).toContain(
        `histogram_quantile(${quantile}, sum by (source, le) (pullgate:pull_latency_bucket:rate5m))`,
      )
    }
  })
})

const askingRules = rules.filter(({ expr }) => !expr.startsWith('vector('))

test.each(askingRules.map((rule) => ({ name: rule.alert ?? rule.record, ...rule })))(
  'the rule $name asks for what the program exposes',
  ({ expr }) => {
    expect(problemsOf(expr)).toEqual([])
  },
)

test('every metric is shown by a dashboard or watched by a rule, but for one that people look up', () => {
  const used = new Set(
    [...queries, ...annotations, ...rules].flatMap(({ expr }) =>
      asked(withoutVariables(expr)).selectors.flatMap(({ metric }) => [
        metric,
        metric.replace(/_(bucket|sum|count)$/, ''),
      ]),
    ),
  )
  expect(Object.keys(table).filter((name) => !used.has(name))).toEqual(['pullgate_build_info'])
})
