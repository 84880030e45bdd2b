import { describe, expect, test } from 'vitest'
import { historyOf } from '../../consumers/history/history.ts'
import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { decodeRecord, stateOf } from '../../consumers/stored/record.ts'
import { balanceOf } from '../../projections/fees/balance.ts'
import { statementOf } from '../../projections/fees/statement.ts'
import { isSuspect, suspectReasonsOf } from '../../projections/sequence/suspect-reasons.ts'
import { encodeState } from '../../projections/state/state.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { IsoDate, StudentId } from '../../projections/values/ids.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { bare, recordOf } from '../support/events.ts'
import { foldLog } from '../support/fold-log.ts'
import { generateHistory } from '../support/generate.ts'
import { layOut } from '../support/generate-log.ts'

const TOPIC = 'erp.student-events'
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const TIMEZONE = 'Asia/Kolkata'

const filled = async (records: readonly LogRecord[], partitions: number): Promise<Log> => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, partitions))
  for (const record of records) await log.append([{ topic: TOPIC, ...record }])
  return log
}

const stepsOf = (log: Log, partitions: number, identifier: string) =>
  historyOf(
    { log, topic: TOPIC, partitions, calendar: calendarOf(TIMEZONE), onProgress: () => {} },
    identifier as StudentId,
  )

const statesOf = async (log: Log, partitions: number, identifier: string): Promise<readonly Student[]> => {
  const states: Student[] = [UNKNOWN_STUDENT]
  for await (const { after } of stepsOf(log, partitions, identifier)) states.push(after)
  return states
}

const TODAY = '2026-06-15' as IsoDate

const checkStatement = (student: Student): void => {
  for (const enrolment of student.enrolments) {
    const [statement, balance] = [statementOf(enrolment, POLICY, TODAY), balanceOf(enrolment, POLICY, TODAY)]
    if (statement.kind === 'incoherent' || balance.kind === 'incoherent') {
      expect(statement).toEqual(balance)
      continue
    }
    expect(statement.components.map(({ component_type, due }) => ({ component_type, amount: due }))).toEqual(
      balance.components,
    )
    expect(statement.credit).toBeGreaterThanOrEqual(0)
    for (const { gross, discount, charges, paid, due } of statement.components)
      expect(gross - discount + charges - paid).toBe(due)
  }
}

describe('over generated histories', () => {
  test('a student’s history ends in what the projection holds, and each suspicion has its reasons', async () => {
    let suspects = 0
    for (let seed = 1; seed <= 25; seed += 1) {
      const log = await filled(layOut(generateHistory(seed), 16, { topic: TOPIC }), 16)
      for (const [identifier, record] of await foldLog(log, TOPIC, 16, POLICY, TIMEZONE)) {
        const states = await statesOf(log, 16, identifier)
        expect(encodeState(states.at(-1)!), `seed ${seed}, ${identifier}`).toBe(stateOf(record))
        expect(isSuspect(states.at(-1)!)).toBe(decodeRecord(record).suspect)
        for (const state of states) {
          expect(suspectReasonsOf(state).length > 0, `seed ${seed}, ${identifier}`).toBe(isSuspect(state))
          checkStatement(state)
          if (isSuspect(state)) suspects += 1
        }
      }
    }
    expect(suspects).toBeGreaterThan(100)
  }, 60_000)
})

const erased = (identifier: unknown) => ({ type: 'erp.student.erased.v1', data: { student: { identifier } } })
const text = (identifier: string): string =>
  JSON.stringify({ ...JSON.parse(String(bare(erased('?')).value)), id: identifier }).replace('"?"', identifier)

test.each([
  ['with its key', recordOf(text('"1200"'), { key: Buffer.from('1200') })],
  ['without a key', recordOf(text('"1200"'), { key: null })],
  ['as a number', recordOf(text('1200'), { key: null })],
  ['as a number with an exponent', recordOf(text('12e2'), { key: null })],
  ['as a number with a fraction', recordOf(text('1200.0'), { key: null })],
  ['with an escaped character', recordOf(text('"120\\u0030"'), { key: null })],
  [
    'under an escaped name',
    recordOf(text('"1200"').replace('"identifier":"1200"', '"i\\u0064entifier":"12\\u00300"'), { key: null }),
  ],
  [
    'in base64',
    recordOf(
      JSON.stringify({
        ...JSON.parse(String(bare({ ...erased('1200'), data: undefined }).value)),
        data_base64: Buffer.from('{"student":{"identifier":"1200"}}').toString('base64'),
      }),
      { key: null },
    ),
  ],
  ['in a broken event, by its key', recordOf('{', { key: Buffer.from('1200') })],
])('an event that names its student %s is in the history', async (_, record) => {
  const log = await filled([record], 1)
  expect((await statesOf(log, 1, '1200')).length).toBe(2)
  expect((await statesOf(log, 1, '120')).length).toBe(1)
})
