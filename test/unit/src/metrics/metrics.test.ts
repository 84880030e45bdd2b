import { expect, test } from 'vitest'
import { eventData, HEARTBEAT, RESOLVED } from '../../../../projections/events/event.ts'
import { buildMetrics } from '../../../../src/metrics/metrics.ts'
import { metricsReference } from '../../../../src/metrics/reference.ts'
import { watchRuntime } from '../../../../src/metrics/runtime.ts'
import type { MetricSpec, Role } from '../../../../src/metrics/spec.ts'
import { table } from '../../../../src/metrics/table.ts'

const DIMENSIONS = {
  version: '1.2.3',
  partitions: 3,
  eventTypes: ['erp.student.enrolled.v1'],
  heartbeatSources: ['/erp/blr-01'],
  erps: ['group', 'BLR-01'],
}
const specs = Object.entries(table) as [string, MetricSpec][]
const build = (...roles: Role[]) => buildMetrics(roles, DIMENSIONS)

/** The rules of `promtool check metrics` that a table of names can break. */
const lint = (name: string, { kind, help, labels }: MetricSpec): readonly string[] => {
  const problems: string[] = []
  const rule = (broken: boolean, what: string) => broken && problems.push(`${name}: ${what}`)
  rule(!/^pullgate_[a-z][a-z0-9_]*$/.test(name), 'lower-case snake case with the prefix')
  rule(help === '', 'no help text')
  rule((kind === 'counter') !== name.endsWith('_total'), 'counters, and only they, end in _total')
  rule(/_(count|sum|bucket|info_total)$/.test(name), 'a reserved suffix')
  rule(/(counter|gauge|histogram|summary|metric)/.test(name), 'the kind in the name')
  rule(
    /_(ms|milliseconds|microseconds|minutes|hours|days|kb|mb|kilobytes|megabytes|percent|secs?|sec)(_|$)/.test(name),
    'no base unit',
  )
  rule(
    labels.some((label) => !/^[a-z][a-z_]*$/.test(label) || label === 'le' || label === 'quantile'),
    'a label’s name',
  )
  return problems
}

test('docs/metrics.md is what the table says', async () => {
  await expect(metricsReference()).toMatchFileSnapshot('../../../../docs/metrics.md')
})

test('every name keeps Prometheus’s rules', () => {
  expect(specs.flatMap(([name, spec]) => lint(name, spec))).toEqual([])
})

test.each<Role>(['gateway', 'projector'])(
  'every series of the %s is there from the start, and none of the other’s alone',
  async (role) => {
    const text = await build(role).render()
    for (const [name, { kind, roles, initial }] of specs) {
      const shown = text.includes(`# TYPE ${name} ${kind}`)
      expect([name, shown]).toEqual([name, roles.includes(role)])
      if (!shown) continue
      for (const labels of initial(DIMENSIONS)) {
        const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
        const series = `${name}${kind === 'histogram' ? '_count' : ''}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} `
        expect(text).toContain(`\n${series}`)
      }
    }
  },
)

test('what is rendered can be read line by line', async () => {
  const metrics = build('gateway', 'projector')
  metrics.set('pullgate_publisher_heartbeat_age_seconds', { source: 'a"b\\c\nd' }, 1)
  for (const line of (await metrics.render()).split('\n')) {
    expect(line).toMatch(
      /^$|^# (HELP|TYPE) pullgate_\w+ .+$|^pullgate_\w+(\{(\w+="([^"\\\n]|\\.)*",?)+\})? (-?[\d.e+-]+|\+Inf)$/,
    )
  }
})

test('a histogram counts below and at its bounds, and sums', async () => {
  const metrics = build('gateway')
  const observe = metrics.observer('pullgate_pull_duration_seconds', { source: 'projection', code: '200' })
  for (const value of [0.0009, 0.001, 0.0011, 20]) observe(value)
  const text = await metrics.render()
  const bucket = (le: string) =>
    text.match(new RegExp(`bucket\\{le="${le}",source="projection",code="200"\\} (\\d+)`))?.[1]
  expect(['0.001', '0.0025', '12.5', '\\+Inf'].map(bucket)).toEqual(['2', '3', '3', '4'])
  expect(text).toContain('pullgate_pull_duration_seconds_count{source="projection",code="200"} 4')
  expect(Number(text.match(/duration_seconds_sum\{source="projection",code="200"\} (.+)/)?.[1])).toBeCloseTo(20.003)
})

test('counters add, gauges hold, and a metric of another role is silent', async () => {
  const metrics = build('gateway')
  metrics.add('pullgate_pull_fallback_total', { reason: 'stale' })
  metrics.add('pullgate_pull_fallback_total', { reason: 'stale' }, 2)
  metrics.set('pullgate_erp_breaker_state', { erp: 'group' }, 2)
  metrics.add('pullgate_events_total', { type: 'none', outcome: 'ignored' })
  metrics.observer('pullgate_event_visible_seconds')(1)
  const text = await metrics.render()
  expect(text).toContain('pullgate_pull_fallback_total{reason="stale"} 3')
  expect(text).toContain('pullgate_erp_breaker_state{erp="group"} 2')
  expect(text).not.toContain('pullgate_events_total')
})

test('sources without end share a series', async () => {
  const metrics = build('projector')
  for (let i = 0; i < 2_000; i++) metrics.add('pullgate_misrouted_total', { source: `/erp/${i}` })
  const text = await metrics.render()
  expect(text.match(/pullgate_misrouted_total\{/g)!.length).toBeLessThan(510)
  expect(text).toContain('pullgate_misrouted_total{source="other"} 1500')
})

test('a collector that fails or rejects spoils nothing', async () => {
  const metrics = build('gateway')
  metrics.onScrape(() => {
    throw new Error('x')
  })
  metrics.onScrape(() => Promise.reject(new Error('x')))
  metrics.onScrape(() => metrics.set('pullgate_log_broken', { partition: '1' }, 1))
  expect(await metrics.render()).toContain('pullgate_log_broken{partition="1"} 1')
})

test('the process tells its CPU, memory and event loop', async () => {
  const metrics = build('gateway')
  const runtime = watchRuntime(metrics)
  const text = await metrics.render()
  runtime.stop()
  const value = (name: string) => Number(text.match(new RegExp(`^${name} (.+)$`, 'm'))?.[1])
  expect(value('pullgate_process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(value('pullgate_process_resident_memory_bytes')).toBeGreaterThan(1e7)
  expect(value('pullgate_process_start_time_seconds')).toBeGreaterThan(1.7e9)
})

test('a label has a closed list of values, or takes them from the configuration, the log or the program itself', () => {
  const open = new Set(['erp', 'partition', 'source', 'type', 'version', 'node'])
  for (const [name, { labels, values = {}, initial }] of specs) {
    for (const label of Object.keys(values)) expect(labels, name).toContain(label)
    for (const label of labels) if (!(label in values)) expect(open, name).toContain(label)
    for (const one of initial({ ...DIMENSIONS, lastKnownGood: true }))
      for (const [label, value] of Object.entries(one)) if (values[label]) expect(values[label], name).toContain(value)
  }
})

/** As a school would have it that sets nothing; `series` are lines of the exposition. */
const seriesAtStart = async (role: Role, erps: readonly string[], lastKnownGood = false) => {
  const dimensions = {
    ...DIMENSIONS,
    partitions: 16,
    eventTypes: [...Object.keys(eventData), HEARTBEAT, RESOLVED],
    erps,
    lastKnownGood,
  }
  const text = await buildMetrics([role], dimensions).render()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

test('a process of one role starts with at most 240 series, and 23 for each ERP of its own', async () => {
  const gateway = await seriesAtStart('gateway', [])
  expect(await seriesAtStart('gateway', [], true)).toBeLessThanOrEqual(240)
  expect(await seriesAtStart('projector', [])).toBeLessThanOrEqual(240)
  expect((await seriesAtStart('gateway', ['group', 'BLR-01'])) - gateway).toBe(2 * 23)
})

test('a reload adds series, keeps counts, and takes away the gauges of what is gone', async () => {
  const metrics = build('gateway')
  metrics.set('pullgate_erp_breaker_state', { erp: 'BLR-01' }, 2)
  metrics.add('pullgate_pull_fallback_total', { reason: 'stale' })
  metrics.observer('pullgate_erp_request_duration_seconds', { erp: 'BLR-01', outcome: 'timeout' })(1)
  metrics.cover({ ...DIMENSIONS, erps: ['group', 'MUM-02'], heartbeatSources: ['/erp/new'] })
  const text = await metrics.render()
  expect(text).toContain('pullgate_erp_breaker_state{erp="MUM-02"} 0')
  expect(text).not.toContain('pullgate_erp_breaker_state{erp="BLR-01"}')
  expect(text).toContain('pullgate_erp_request_duration_seconds_count{erp="MUM-02",outcome="answer"} 0')
  expect(text).toContain('pullgate_erp_request_duration_seconds_count{erp="BLR-01",outcome="timeout"} 1')
  expect(text).toContain('pullgate_pull_fallback_total{reason="stale"} 1')
  expect(text).toContain('pullgate_publisher_heartbeat_age_seconds{source="/erp/new"} +Inf')
  expect(text).not.toContain('/erp/blr-01')
})

test('a collector that hangs costs a second and not the scrape', async () => {
  const metrics = build('gateway')
  metrics.onScrape(() => new Promise(() => {}))
  expect(await metrics.render()).toContain('pullgate_build_info')
})

test('a histogram gives the same reading until its next observation, and a new one then', () => {
  const metrics = build('gateway')
  const observe = metrics.observer('pullgate_freshness_wait_seconds')
  const first = metrics.readHistogram('pullgate_freshness_wait_seconds')[0]
  expect(metrics.readHistogram('pullgate_freshness_wait_seconds')[0]).toBe(first)
  observe(0.001)
  const next = metrics.readHistogram('pullgate_freshness_wait_seconds')[0]
  expect(next).not.toBe(first)
  expect([first?.counts[0], next?.counts[0]]).toEqual([0, 1])
})

test('calls that failed have a sum and a count, and no buckets but the last', async () => {
  const metrics = build('gateway')
  metrics.observer('pullgate_erp_request_duration_seconds', { erp: 'BLR-01', outcome: 'timeout' })(4)
  const lines = (await metrics.render()).split('\n').filter((line) => line.includes('erp="BLR-01",outcome="timeout"'))
  expect(lines).toEqual([
    'pullgate_erp_request_duration_seconds_bucket{le="+Inf",erp="BLR-01",outcome="timeout"} 1',
    'pullgate_erp_request_duration_seconds_sum{erp="BLR-01",outcome="timeout"} 4',
    'pullgate_erp_request_duration_seconds_count{erp="BLR-01",outcome="timeout"} 1',
  ])
})
