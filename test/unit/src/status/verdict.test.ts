import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { render } from '../../../../src/status/runbook.ts'
import type { StatusView } from '../../../../src/status/status.ts'
import { problemsOf, verdicts } from '../../../../src/status/verdict.ts'

const partition = (number: number, aliveAgeSeconds: number | null = 0, lag = 0, broken = false) => ({
  partition: number,
  lag,
  freshAgeSeconds: aliveAgeSeconds,
  aliveAgeSeconds,
  broken,
})

const WELL: StatusView = {
  version: '1',
  uptimeSeconds: 100,
  checks: [{ name: 'store', ok: true, detail: 'generation 1' }],
  pulls: [],
  codes: [],
  fallbacks: [],
  partitions: [partition(0), partition(1), partition(2)],
  erps: [],
  suspects: 0,
  deadLettersOpen: 0,
  deadLetters: [],
  deadLetterSources: [],
  publishers: [{ source: '/erp/a', ageSeconds: 3, limitSeconds: 30, misrouted: 0 }],
  events: [],
  rewinds: 0,
  answers: null,
  fenced: 0,
}
const ERP = {
  erp: 'BLR-01',
  breaker: 'closed',
  probeFailed: false,
  inFlight: 0,
  perSecond: 10,
  failuresPerSecond: 0,
  failing: null,
  p99Ms: 1,
} as const

const textOf = (view: Partial<StatusView>): string => verdicts()({ ...WELL, ...view }, 0).text

test('where nothing is wrong, all is well', () => {
  expect(verdicts()(WELL, 0)).toEqual({ level: 'good', text: 'All is well.', problems: [] })
})

describe('one sentence names the cause and what mends it', () => {
  test.each<[string, Partial<StatusView>, string]>([
    [
      'no projector',
      { partitions: [0, 1, 2].map((number) => partition(number, 40)) },
      'No projector for 0 s: partitions 0–2 are not applied. Start one: npx pullgate projector',
    ],
    [
      'some partitions that nobody works on',
      { partitions: [partition(0), partition(1, 40), partition(2, null)] },
      'Not proven for 0 s: partitions 1–2. Pulls of their students go to the ERPs. Look at the log of the projector that has them.',
    ],
    [
      'a backlog',
      { partitions: [partition(0, 0, 20_000), partition(1), partition(2)] },
      '20,000 events behind: partition 0. Wait, or start one more projector.',
    ],
    [
      'Kafka',
      { checks: [{ name: 'log', ok: false, detail: 'the log does not answer; pulls go to the ERPs' }] },
      'The log does not answer; pulls go to the ERPs (0 s). Run "npx pullgate doctor".',
    ],
    [
      'an ERP whose breaker is open',
      { erps: [{ ...ERP, breaker: 'open', failing: 'status' }] },
      'Branch BLR-01: its ERP fails, and calls to it are withheld for 0 s (mostly a failure status such as 503). Tell the ERP’s people; "npx pullgate doctor" shows what it answers.',
    ],
    [
      'an ERP that no pull needs and that does not answer',
      { erps: [{ ...ERP, perSecond: 0, probeFailed: true }] },
      'Branch BLR-01: its ERP has not answered probes for 0 s: it would not answer a pull either. Tell the ERP’s people; "npx pullgate doctor" shows what it answers.',
    ],
    [
      'an ERP that no pull needs, with the cause',
      { erps: [{ ...ERP, perSecond: 0, probeFailed: true, probeFailure: 'cannot be asked: status 503' }] },
      'Branch BLR-01: its ERP has not answered probes for 0 s (cannot be asked: status 503): it would not answer a pull either. Tell the ERP’s people; "npx pullgate doctor" shows what it answers.',
    ],
    [
      'a silent publisher',
      { publishers: [{ source: '/erp/a', ageSeconds: 300, limitSeconds: 30, misrouted: 0 }] },
      'Publisher /erp/a was last heard 5 min ago; its branch is answered by the ERP. Restart its relay.',
    ],
    [
      'doubts',
      { suspects: 1, deadLettersOpen: 2 },
      '1 student suspect, 2 dead letters open; pulls of these students go to the ERPs. npx pullgate dlq list',
    ],
  ])('%s', (_, view, text) => {
    expect(textOf(view)).toBe(text)
  })
})

test('a problem counts its own time, and starts anew when it has gone and come back', () => {
  const judge = verdicts()
  const bad: StatusView = { ...WELL, partitions: [0, 1, 2].map((number) => partition(number, 40)) }
  expect(judge(bad, 1000).text).toContain('for 0 s')
  expect(judge(bad, 39_000).text).toContain('for 38 s')
  expect(judge(WELL, 40_000).level).toBe('good')
  expect(judge(bad, 41_000).text).toContain('for 0 s')
})

test('the worst comes first, and the others are counted', () => {
  const verdict = verdicts()({ ...WELL, suspects: 3, partitions: [partition(0, 40), partition(1), partition(2)] }, 0)
  expect(verdict.level).toBe('bad')
  expect(verdict.text).toMatch(/^Not proven .* And 1 further problem\.$/)
})

test('a broken partition is told by its check alone', () => {
  const checks = [{ name: 'log identity, as pulls see it', ok: false, detail: 'partition 1: the log is broken (gone)' }]
  const found = problemsOf({ ...WELL, checks, partitions: [partition(0), partition(1, 40, 0, true), partition(2)] })
  expect(found.map(({ runbook }) => runbook)).toEqual(['PullgateLogBroken'])
})

test('every problem leads to a section of the runbook that this program serves', () => {
  const page = render(readFileSync(new URL('../../../../docs/runbook.md', import.meta.url), 'utf8'))
  const everything = [
    { ...WELL, partitions: [partition(0, 40), partition(1), partition(2, 0, 20_000)], suspects: 1 },
    { ...WELL, partitions: [partition(0, 40)], erps: [{ ...ERP, breaker: 'open' as const }] },
    { ...WELL, erps: [{ ...ERP, probeFailed: true }] },
    { ...WELL, publishers: [{ source: '/erp/a', ageSeconds: null, limitSeconds: 30, misrouted: 0 }] },
    ...['store', 'log', 'settings', 'projector', 'log identity', 'answers', 'drain', 'another'].map((name) => ({
      ...WELL,
      checks: [{ name, ok: false, detail: 'is away' }],
    })),
  ]
  for (const { runbook } of everything.flatMap(problemsOf)) expect(page).toContain(`id="${runbook.toLowerCase()}"`)
  expect(page.replace(/<pre>[\s\S]*?<\/pre>|<code>[^<]*<\/code>/g, '')).not.toMatch(/\*\*|`|\]\(/)
})
