import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { buildMetrics } from '../../../src/metrics/metrics.ts'
import { promtool } from '../../support/prometheus.ts'
import { rules } from '../../support/promql.ts'

type Expectation = { readonly expr: string; readonly exp_samples: readonly unknown[] }

const root = new URL('../../../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root.pathname })
const alerts = rules.filter((rule) => rule.alert !== undefined)
const names = alerts.map(({ alert }) => alert!)
const runbook = read('docs/runbook.md')
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
)

describe('deploy/prometheus', () => {
  test('the configuration and the rules are valid', async () => {
    expect(await promtool(['check', 'config', 'deploy/prometheus/prometheus.yml'])).toMatchObject({ code: 0 })
    expect(await promtool(['check', 'rules', ...files('deploy/prometheus/rules/*.yml')])).toMatchObject({ code: 0 })
  })

  test('every alert fires when it must, and not when it must not', async () => {
    const tests = files('deploy/prometheus/tests/*.yml')
    expect(await promtool(['test', 'rules', ...tests])).toMatchObject({ code: 0 })
    const expectations = tests.flatMap((file) =>
      (parse(read(file)) as { tests: { promql_expr_test: Expectation[] }[] }).tests.flatMap(
        ({ promql_expr_test }) => promql_expr_test,
      ),
    )
    for (const name of names) {
      const own = expectations.filter(({ expr }) => expr.includes(`alertname="${name}"`))
      expect(
        own.some(({ exp_samples }) => exp_samples.length > 0),
        `${name} fires`,
      ).toBe(true)
      expect(
        own.some(({ exp_samples }) => exp_samples.length === 0),
        `${name} does not fire`,
      ).toBe(true)
    }
  }, 240_000)

  test('symptoms page and causes are tickets', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(['page', 'ticket'], alert).toContain(labels?.['severity'])
      expect(annotations?.['summary'], alert).toBeTruthy()
      expect(annotations?.['description'], alert).toBeTruthy()
    }
    const pages = alerts.filter(({ labels }) => labels?.['severity'] === 'page').map(({ alert }) => alert)
    expect(pages).toEqual([
      'PullgateAvailabilityBurn',
      'PullgateLatencyBurn',
      'PullgateFreshnessBurn',
      'PullgateGatewayDown',
      'PullgateProjectorDown',
      'PullgateLogBroken',
    ])
  })
})

describe('docs/runbook.md', () => {
  test('has a section for every alert, in their order, and no other', () => {
    expect([...sections.keys()]).toEqual(names)
  })

  test.each(alerts)('$alert links to its section, which says what to do', ({ alert, annotations }) => {
    expect(annotations?.['runbook_url']).toBe(`docs/runbook.md#${alert!.toLowerCase()}`)
    const section = sections.get(alert!) ?? ''
    for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) expect(section).toContain(`**${part}.** `)
    expect(section).toMatch(/```sh\n[^`]+\n```/)
  })

  test('its links lead to sections', () => {
    for (const [, anchor] of runbook.matchAll(/\]\(#([a-z]+)\)/g))
      expect(names.map((name) => name.toLowerCase())).toContain(anchor)
  })
})

test('what both roles expose is clean by promtool', async () => {
  const dimensions = { version: '1', partitions: 2, eventTypes: ['a'], heartbeatSources: ['/erp/a'], erps: ['group'] }
  const exposition = await buildMetrics(['gateway', 'projector'], dimensions).render()
  expect(await promtool(['check', 'metrics'], exposition)).toEqual({ code: 0, output: '' })
})

test('docs/observability.md promises what the rules count', () => {
  const promised = [...read('docs/observability.md').matchAll(/^\| (\w+) \| ([\d.]+) % \|.*\| ([\d.]+) % \|$/gm)].map(
    ([, slo, kept, budget]) => [slo, Number(kept), Number(budget)] as const,
  )
  const counted = rules
    .filter(({ record }) => record === 'pullgate:slo_budget:ratio')
    .map(({ expr, labels }) => [labels!['slo'], Number(/vector\((.+)\)/.exec(expr)?.[1]) * 100] as const)
  expect(promised.map(([slo, , budget]) => [slo, budget])).toEqual(counted)
  for (const [slo, kept, budget] of promised) expect(kept + budget, slo).toBeCloseTo(100)
})
