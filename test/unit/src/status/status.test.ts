import { describe, expect, test } from 'vitest'
import { quantileOf } from '../../../../src/status/quantile.ts'
import { type Sample, statusOf } from '../../../../src/status/status.ts'

const HEAD = { version: '1', uptimeSeconds: 5, checks: [] }
const BOUNDS = [0.001, 0.01, 0.1]

const sample = (
  atMs: number,
  plain: Record<string, [Record<string, string>, number][]>,
  counts: number[][] = [],
): Sample => ({
  atMs,
  plain: new Map(
    Object.entries(plain).map(([name, list]) => [name, list.map(([labels, value]) => ({ labels, value }))]),
  ),
  histograms: new Map([
    [
      'pullgate_pull_duration_seconds',
      counts.map((one, at) => ({
        labels: { source: 'projection', code: String(200 + at) },
        bounds: BOUNDS,
        counts: one,
      })),
    ],
  ]),
})

describe('a quantile of a histogram', () => {
  test.each([
    [[10, 0, 0, 0], 0.5, 0.0005],
    [[0, 10, 0, 0], 1, 0.01],
    [[5, 5, 0, 0], 0.5, 0.001],
    [[0, 0, 0, 7], 0.99, 0.1],
  ])('of %j at %d is %d', (counts, share, expected) => {
    expect(quantileOf(BOUNDS, counts, share)).toBeCloseTo(expected, 6)
  })

  test('of nothing is none', () => {
    expect(quantileOf(BOUNDS, [0, 0, 0, 0], 0.5)).toBeNull()
  })
})

describe('the status', () => {
  test('tells rates and quantiles of what came between two looks, over all codes of a source', () => {
    const status = statusOf(
      sample(0, {}, [[100, 0, 0, 0]]),
      sample(2000, {}, [
        [110, 0, 0, 0],
        [0, 0, 10, 0],
      ]),
      HEAD,
      null,
    )
    expect(status.pulls).toEqual([{ source: 'projection', perSecond: 10, p50Ms: 1, p99Ms: expect.closeTo(98.2, 5) }])
    expect(status.codes).toEqual([
      { code: '200', perSecond: 5 },
      { code: '201', perSecond: 5 },
    ])
  })

  test('counts calls of an ERP that have no buckets, and times the answers alone', () => {
    const calls = (timeouts: number, answers: number): Sample => ({
      ...sample(timeouts + answers === 0 ? 0 : 2000, {}),
      histograms: new Map([
        [
          'pullgate_erp_request_duration_seconds',
          [
            { labels: { erp: 'BLR-01', outcome: 'timeout' }, bounds: [], counts: [timeouts] },
            { labels: { erp: 'BLR-01', outcome: 'answer' }, bounds: BOUNDS, counts: [0, answers, 0, 0] },
          ],
        ],
      ]),
    })
    const [erp] = statusOf(calls(0, 0), calls(4, 6), HEAD, null).erps
    expect(erp).toMatchObject({ erp: 'BLR-01', perSecond: 5, failuresPerSecond: 2, failing: 'timeout' })
    expect(erp?.p99Ms).toBeLessThanOrEqual(10)
  })

  test('tells nothing of pulls that were before', () => {
    const [status] = statusOf(sample(0, {}, [[100, 0, 0, 0]]), sample(2000, {}, [[100, 0, 0, 0]]), HEAD, null).pulls
    expect(status).toEqual({ source: 'projection', perSecond: 0, p50Ms: null, p99Ms: null })
  })

  test('knows a partition that was never proven from one that was, and a broken log', () => {
    const partitions = [
      { partition: 0, lag: 3, freshAgeSeconds: null, aliveAgeSeconds: null },
      { partition: 1, lag: 0, freshAgeSeconds: 0.2, aliveAgeSeconds: 0.2 },
    ]
    const now = sample(0, {
      pullgate_log_broken: [
        [{ partition: '0' }, 1],
        [{ partition: '1' }, 0],
      ],
    })
    expect(statusOf(now, now, HEAD, { partitions, suspects: 2 })).toMatchObject({
      suspects: 2,
      partitions: [
        { partition: 0, freshAgeSeconds: null, broken: true },
        { partition: 1, freshAgeSeconds: 0.2, broken: false },
      ],
    })
  })

  test('knows a publisher that was never heard of', () => {
    const now = sample(0, {
      pullgate_publisher_heartbeat_age_seconds: [[{ source: '/a' }, Number.POSITIVE_INFINITY]],
      pullgate_publisher_heartbeat_limit_seconds: [[{ source: '/a' }, 30]],
      pullgate_misrouted_total: [[{ source: '/a' }, 2]],
    })
    expect(statusOf(now, now, HEAD, null).publishers).toEqual([
      { source: '/a', ageSeconds: null, limitSeconds: 30, misrouted: 2 },
    ])
  })

  test('of a role without projection says so by absence, not by zero', () => {
    const status = statusOf(sample(0, {}), sample(1, {}), HEAD, null)
    expect([status.suspects, status.deadLettersOpen, status.rewinds]).toEqual([null, null, null])
    expect(status.partitions).toEqual([])
  })
})

describe('the answers that have changed', () => {
  const NAME = 'pullgate_answers_superseded_total'
  const counted = (lower: number, higher: number): [Record<string, string>, number][] => [
    [{ change: 'lower' }, lower],
    [{ change: 'higher' }, higher],
  ]
  const head = (hours: number) => ({ ...HEAD, uptimeSeconds: hours * 3600 })

  test('are those of the last 48 hours, or since the start', () => {
    const now = sample(0, { [NAME]: counted(5, 12) })
    expect(statusOf(now, now, head(3), null).answers).toEqual({ changed: 17, lower: 5, hours: 3 })
    const before = sample(0, { [NAME]: counted(2, 3) }).plain.get(NAME)!
    expect(statusOf(now, now, head(100), null, before).answers).toEqual({ changed: 12, lower: 3, hours: 48 })
  })

  test('are not told by a process that does not count them', () => {
    const now = sample(0, {})
    expect(statusOf(now, now, head(3), null).answers).toBeNull()
  })
})

test('publishers with dead letters are shown, the most first, and no others', () => {
  const name = 'pullgate_dead_letters_by_source_total'
  const now = sample(5_000, {
    [name]: ['/erp/a', 'other', '/erp/b', 'unknown'].map((source, at) => [{ source }, [1, 7, 0, 2][at]!]),
  })
  const { deadLetterSources } = statusOf(sample(0, {}), now, HEAD, null)
  expect(deadLetterSources.map(({ source, total }) => [source, total])).toEqual([
    ['other', 7],
    ['unknown', 2],
    ['/erp/a', 1],
  ])
})
