import { describe, expect, test } from 'vitest'
import { buildMetrics } from '../../../../src/metrics/metrics.ts'
import { prefersOpenMetrics } from '../../../../src/metrics/open-metrics.ts'

const DIMENSIONS = { version: '1', partitions: 2, eventTypes: ['a'], heartbeatSources: ['/erp/a'], erps: ['group'] }
const build = () => buildMetrics(['gateway', 'projector'], DIMENSIONS)
const PULL = { source: 'projection', code: '200' }
const bucketsOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith('pullgate_pull_duration_seconds_bucket') && line.includes(' # '))

describe('which format a scraper gets', () => {
  test.each([
    ['*/*', false],
    [undefined, false],
    ['text/plain', false],
    // Prometheus 2 and 3.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2',
      true,
    ],
    ['text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5', false],
    ['application/openmetrics-text;version=0.0.1', false],
    ['application/openmetrics-text;q=0', false],
  ])('%s: OpenMetrics %s', (accept, expected) => {
    expect(prefersOpenMetrics(accept)).toBe(expected)
  })
})

test('the series are the same in both formats; OpenMetrics names counters without a suffix and has an end', async () => {
  const metrics = build()
  const series = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/ \S+$/, ''))
  const [plain, open] = [await metrics.render(), await metrics.renderOpen()]
  expect(series(open)).toEqual(series(plain))
  expect(open).toContain('# TYPE pullgate_pull_fallback counter\n')
  expect(open).toContain('pullgate_pull_fallback_total{reason="stale"} 0\n')
  expect(open).not.toContain('\n\n')
  expect(open.endsWith('\n# EOF\n')).toBe(true)
  expect(plain).toContain('# TYPE pullgate_pull_fallback_total counter\n')
})

test('a bucket has the request id of its youngest pull, and only once somebody has asked for it', async () => {
  const metrics = build()
  const observe = metrics.observer('pullgate_pull_duration_seconds', PULL)
  observe(0.002, 'before')
  expect(bucketsOf(await metrics.renderOpen())).toEqual([])
  for (const [value, id] of [
    [0.002, 'r-1'],
    [0.0021, 'r-2'],
    [3, 'r-3'],
    [20, 'r-4'],
    [0.2, undefined],
  ] as const)
    observe(value, id)
  const before = Date.now() / 1000
  const lines = bucketsOf(await metrics.renderOpen())
  expect(lines.map((line) => line.replace(/ \S+$/, ''))).toEqual([
    'pullgate_pull_duration_seconds_bucket{le="0.0025",source="projection",code="200"} 3 # {request_id="r-2"} 0.0021',
    'pullgate_pull_duration_seconds_bucket{le="5",source="projection",code="200"} 5 # {request_id="r-3"} 3',
    'pullgate_pull_duration_seconds_bucket{le="+Inf",source="projection",code="200"} 6 # {request_id="r-4"} 20',
  ])
  const times = lines.map((line) => Number(line.split(' ').at(-1)))
  for (const time of times) expect(Math.abs(time - before)).toBeLessThan(60)
  expect(await metrics.render()).not.toContain('request_id')
})

test('an id that is too long for an exemplar is left out', async () => {
  const metrics = build()
  await metrics.renderOpen()
  const observe = metrics.observer('pullgate_pull_duration_seconds', PULL)
  observe(0.002, 'x'.repeat(119))
  expect(bucketsOf(await metrics.renderOpen())).toEqual([])
  observe(0.002, 'x'.repeat(118))
  expect(bucketsOf(await metrics.renderOpen())).toHaveLength(1)
})
