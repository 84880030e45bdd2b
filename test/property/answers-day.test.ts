import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import { noFindings } from '../../src/answers/findings.ts'
import type { SupersededAnswer } from '../../src/answers/follow-answers.ts'
import { keyedHash } from '../../src/answers/keyed-hash.ts'
import { supersededAnswers } from '../../src/answers/superseded.ts'
import { supersededRow } from '../../src/cli/answers/superseded-row.ts'
import {
  type AnswersDay,
  answersDay,
  DAY_KEY,
  DAY_PARTITIONS,
  DAY_SIGNATURE,
  DAY_TOPIC,
} from '../support/answers-day.ts'
import { supersededByHand } from '../support/answers-day-by-hand.ts'
import { RENDERING } from '../support/tell.ts'

const WATCH_MS = 48 * 3_600_000

const allOf = async ({ log }: AnswersDay, topic: string): Promise<readonly LogRecord[]> => {
  const batches = await Promise.all(
    Array.from({ length: DAY_PARTITIONS }, (_, partition) => log.read(topic, partition, 0, { maxBytes: 1e9 })),
  )
  return batches.flatMap((batch) => batch?.records ?? [])
}

const found = async ({ log, nowMs }: AnswersDay) => {
  const findings = noFindings()
  const rows: SupersededAnswer[] = []
  const all = supersededAnswers(
    {
      log,
      topic: DAY_TOPIC,
      partitions: DAY_PARTITIONS,
      rendering: RENDERING,
      hashed: keyedHash(DAY_KEY),
      signature: DAY_SIGNATURE,
      scopeOf: () => 'all',
      watchMs: WATCH_MS,
      sinceMs: nowMs - WATCH_MS,
      nowMs,
      onProgress: () => {},
    },
    findings,
  )
  for await (const one of all) rows.push(one)
  return { rows, findings }
}

const sorted = <T extends { readonly request_id: string }>(rows: readonly T[]): readonly T[] =>
  [...rows].sort((a, b) => (a.request_id < b.request_id ? -1 : 1))

describe.each([
  { seed: 1, students: 10_000, turns: 30_000 },
  { seed: 2, students: 300, turns: 6000 },
  { seed: 3, students: 40, turns: 3000 },
])('a day of $students students, seed $seed', { timeout: 240_000 }, (options) => {
  test('the list is, row for row, what another program finds from the two logs', async () => {
    const day = await answersDay(options)
    const { rows, findings } = await found(day)
    const own = rows.map((one) => {
      const { identifier, request_id, change, event, now } = supersededRow(one)
      const said = { status: now!.status, payable: now!.payable ?? null }
      return { identifier, request_id, change, event: event.at, now: said, undone_by: event.undone_by?.at ?? null }
    })
    const events = await allOf(day, DAY_TOPIC)
    const answers = await allOf(day, answersName(DAY_TOPIC))
    const byHand = supersededByHand(events, answers, day.ids, DAY_KEY, day.nowMs - WATCH_MS, day.nowMs)
    expect(own.length).toBeGreaterThan(100)
    expect(sorted(own)).toEqual(sorted(byHand))
    expect(findings).toMatchObject({ mismatches: 0, underOtherKeys: 0, beyondTheLog: 0, doubts: [], eventsCut: [] })
    expect([...findings.skews.keys()]).toEqual(['gateway-1'])
    const missing = findings.tally.missing(day.nowMs + 60_000).reduce((sum, { count }) => sum + count, 0)
    expect(missing).toBeGreaterThan(0)
    expect(missing).toBeLessThanOrEqual(day.lost)
  })
})
