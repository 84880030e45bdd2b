import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { foldStudent } from '../../../../consumers/projector/fold-student.ts'
import { encodeRecentAnswer } from '../../../../consumers/stored/recent-answer.ts'
import { type AnswerSubject, summaryAt } from '../../../../projections/answers/subject.ts'
import { instalmentsJson, NOT_FOUND } from '../../../../projections/answers/summary.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import {
  assessed,
  changed,
  discontinued,
  enrolled,
  erased,
  paid,
  reinstated,
  reversed,
  scheduled,
  transferred,
  updated,
} from '../../../golden/said.ts'
import { type Entry, NOON, RENDERING, recordsOf, tell } from '../../../support/tell.ts'

const ID = 'S-1' as StudentId
const HOUR = 3_600_000
const SUBJECT: AnswerSubject = {
  kind: 'enrolment',
  key: { grade: '5', yearStart: '2026', collectorCode: 'BLR-01' },
}

type Answered = { readonly agoMs: number; readonly subject: AnswerSubject; readonly times: number }

/** What was answered after `before`, and how it is changed by `after`, all in one batch. */
const changes = (
  before: readonly Entry[],
  after: readonly Entry[],
  { agoMs = HOUR, subject = SUBJECT, times = 1 }: Partial<Answered> = {},
): readonly string[] => {
  const told = tell(...before)
  const summary = told.bytes ? summaryAt(tellView(told), ID, subject, NOON)! : NOT_FOUND
  const line = `${NOON - agoMs} ${encodeRecentAnswer(subject, summary, instalmentsJson(summary))}`
  const lines = Array.from({ length: times }, () => line).join('\n')
  const items = recordsOf(after, before.length).flatMap(({ record, rerouted }) => {
    const decoded = decode(record)
    return decoded.kind === 'student' ? [{ content: decoded.content, rerouted }] : []
  })
  const recent = { lines, watchMs: 48 * HOUR, nowMs: NOON }
  return foldStudent({ identifier: ID, items }, told.bytes, RENDERING, recent).answerChanges
}

const tellView = ({ answers }: ReturnType<typeof tell>) => ({
  suspect: answers.suspect,
  enrolments: answers.enrolments.map((one) => ({
    ...one,
    now: { ...one.now, body: one.now.body?.toString() ?? null },
    later: null,
  })),
})

const OWES = [enrolled(), assessed([['A', 100]])]

describe('an event that changes a recent answer', () => {
  test.each([
    ['a payment at the counter', [paid('1', 40)], ['lower']],
    ['a higher fee', [changed('A', 120)], ['higher']],
    ['a schedule', [scheduled(['2026-07-01', 'r', [['A', 100]]])], ['moved']],
    ['a leaving', [discontinued()], ['left']],
    ['a leaving that is taken back', [discontinued(), reinstated()], ['left']],
    ['two payments', [paid('1', 40), paid('2', 10)], ['lower']],
    ['a payment, then a higher fee', [paid('1', 40), changed('A', 200)], ['lower', 'higher']],
    ['a payment that is reversed, and one more', [paid('1', 40), reversed('1'), paid('2', 1)], ['lower', 'lower']],
    ['a transfer to another branch', [transferred({ collector_code: 'MYS-02' })], ['left']],
    ['an erasure', [erased()], ['left']],
    ['a new name', [updated({ fullname: 'Bela' })], []],
    ['a leaving that is announced', [discontinued({ effective_on: '2027-01-01' })], []],
  ])('%s', (_, after, expected) => {
    expect(changes(OWES, after)).toEqual(expected)
  })

  test('counts for each answer that it changes', () => {
    expect(changes(OWES, [paid('1', 40)], { times: 3 })).toEqual(['lower', 'lower', 'lower'])
  })

  test('does not count once the answer is too long ago', () => {
    expect(changes(OWES, [paid('1', 40)], { agoMs: 48 * HOUR })).toEqual(['lower'])
    expect(changes(OWES, [paid('1', 40)], { agoMs: 48 * HOUR + 1 })).toEqual([])
  })

  test('counts by what comes of it, not by the fee that waits for its schedule', () => {
    const planned = [...OWES, scheduled(['2026-07-01', 'r', [['A', 100]]])]
    expect(changes(planned, [changed('A', 120)])).toEqual([])
    expect(changes(planned, [changed('A', 120), scheduled(['2026-07-01', 'r', [['A', 120]]])])).toEqual(['higher'])
    expect(changes(planned, [changed('A', 120), changed('A', 100)])).toEqual([])
  })

  test('counts where there was no such student, and now there is', () => {
    const question: AnswerSubject = { kind: 'question', filter: { collector_code: 'BLR-01' }, scope: 'all' }
    expect(changes([], OWES, { subject: question })).toEqual(['returned'])
    const elsewhere: AnswerSubject = { kind: 'question', filter: { collector_code: 'MYS-02' }, scope: 'all' }
    expect(changes([], OWES, { subject: elsewhere })).toEqual([])
  })
})

test('lines that cannot be read are passed over', () => {
  const items = recordsOf([paid('1', 40)], 2).flatMap(({ record }) => {
    const decoded = decode(record)
    return decoded.kind === 'student' ? [{ content: decoded.content, rerouted: false }] : []
  })
  const recent = { lines: 'nonsense\n1 {\n', watchMs: HOUR, nowMs: 1 }
  expect(foldStudent({ identifier: ID, items }, tell(...OWES).bytes, RENDERING, recent).answerChanges).toEqual([])
})
