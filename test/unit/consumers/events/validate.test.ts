import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { addressOf, validateRecord } from '../../../../consumers/events/validate.ts'
import type { LogRecord } from '../../../../consumers/ports/log.ts'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { bare, binary, recordOf, structured } from '../../../support/events.ts'
import { hostileInputs } from '../../../support/hostile.ts'

const student = { identifier: 'S-1', grade: '5', academic_year_start: '2026' }
const fee = { type: 'erp.fee.changed.v1', data: { student, component_type: 'TUITION_FEE', amount: 100 } }

const problemsOf = (record: LogRecord) => {
  const inspected = validateRecord(record)
  return inspected.kind === 'invalid' ? inspected.problems.map(({ pointer, message }) => `${pointer} ${message}`) : []
}

test('what the projector would call poison is refused, and nothing else of ours', () => {
  for (const { name, key, value, headers } of hostileInputs()) {
    if (value === null) continue
    const record: LogRecord = { partition: 0, offset: 0, timestampMs: 0, key, value, headers }
    const decoded = decode(record)
    if (decoded.kind === 'foreign') continue
    const isPoison = decoded.kind === 'stray' || (decoded.kind === 'student' && decoded.content.kind === 'broken')
    expect(validateRecord(record).kind, name).toBe(isPoison ? 'invalid' : 'valid')
  }
})

test.each([
  ['structured', structured(fee)],
  ['binary', binary(fee)],
  ['bare', bare(fee)],
])('a valid event in %s shape goes under its student to the student’s partition', (_, record) => {
  const inspected = validateRecord(record)
  expect(inspected).toEqual({ kind: 'valid', source: '/erp/main', identifier: 'S-1' })
  if (inspected.kind === 'valid')
    expect(addressOf(inspected, 16)).toEqual({ key: Buffer.from('S-1'), partition: partitionOf('S-1', 16) })
})

test.each([
  ['a heartbeat', bare({ type: 'erp.heartbeat.v1' })],
  ['a type of somebody else', bare({ type: 'org.example.noted.v1', data: 'anything' })],
])('%s concerns no student and bears no key', (_, record) => {
  const inspected = validateRecord(record)
  expect(inspected).toEqual({ kind: 'valid', source: '/erp/main', identifier: null })
  if (inspected.kind === 'valid') expect(addressOf(inspected, 16).key).toBeNull()
})

test('every problem is told at once, each with its place', () => {
  const payment = { student: { identifier: '' }, payment_id: 7, amount: '1.005', allocations: [{ amount: 1 }, 3] }
  const event = { type: 'erp.payment.recorded.v1', data: payment, id: '', time: 'yesterday', sequence: 0 }
  expect(problemsOf(bare(event))).toEqual([
    '/id must be text of 1 to 256 characters',
    '/time must be an RFC 3339 moment with an offset',
    '/sequence must be digits, or an integer, from 1 to 2^63 - 1',
    '/data/student/identifier must be 1 to 128 characters without control characters',
    '/data/student/grade is required',
    '/data/student/academic_year_start is required',
    '/data/amount must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals',
    '/data/paid_on is required',
    '/data/allocations/0/component_type is required',
    '/data/allocations/1 must be object',
  ])
})

test('a rule between fields is told beside what is wrong in other fields', () => {
  const discount = { student, discount_id: '', component_type: 'T', amount: 1, percent: 2 }
  expect(problemsOf(bare({ type: 'erp.discount.granted.v1', data: discount }))).toEqual([
    '/data/discount_id must be text of 1 to 128 characters, or an integer below 2^53',
    '/data needs exactly one of amount and percent',
  ])
  const allocations = [{ component_type: 'T', amount: 2 }, { component_type: 'T', amount: 'x' }, null]
  expect(problemsOf(bare({ type: 'erp.payment.recorded.v1', data: { student, amount: 1, allocations } }))).toEqual([
    '/data/payment_id is required',
    '/data/paid_on is required',
    '/data/allocations/1/amount must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals',
    '/data/allocations/2 must be object',
    '/data/allocations allocations sum to more than the amount',
  ])
  const fees = [{ component_type: 'T', amount: 1 }, { component_type: 'T', amount: -1 }, { component_type: 7 }, 7, null]
  expect(problemsOf(bare({ type: 'erp.fees.assessed.v1', data: { student, fee_components: fees } }))).toEqual([
    '/data/fee_components/1/amount must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals',
    '/data/fee_components/2/amount is required',
    '/data/fee_components/3 must be object',
    '/data/fee_components/4 must be object',
    '/data/fee_components/1/component_type stands in the list twice',
  ])
})

test('two parts that cannot be read are not called the same', () => {
  const fee_components = [{ amount: 1 }, { amount: 1 }, { component_type: '' }, { component_type: '' }]
  const enrolments = [{}, {}, { grade: '' }, { grade: '' }]
  for (const [type, data] of [
    ['erp.fees.assessed.v1', { student, fee_components }],
    ['erp.student.snapshot.v1', { student, enrolments }],
  ] as const)
    expect(problemsOf(bare({ type, data })).join()).not.toContain('twice')
})

describe('what cannot be read', () => {
  test.each([
    ['no JSON', recordOf('{"specversion"'), ' the value is not JSON'],
    ['a list', recordOf('[]'), ' the value is JSON, but no object'],
    ['binary without data', binary(fee, {}, Buffer.alloc(0)), '/data the value is not JSON'],
    [
      'an unknown type',
      bare({ ...fee, type: 'erp.fee.lost.v1' }),
      '/type is not a type of event that this version knows',
    ],
    [
      'a type of the program',
      bare({ ...fee, type: 'pullgate.x' }),
      '/type is not a type of event that this version knows',
    ],
  ])('%s has one problem', (_, record, problem) => {
    expect(problemsOf(record)).toEqual([problem])
  })
})

test('an event of a foreign type needs a valid envelope', () => {
  expect(problemsOf(bare({ type: 'org.example.noted.v1', time: undefined }))).toEqual(['/time is required'])
})

test('no problem repeats a value', () => {
  const secret = 'Asha Rao 9800000000'
  const event = { type: 'erp.student.enrolled.v1', data: { student, new_admission: secret, date_of_birth: secret } }
  expect(problemsOf(bare(event)).join()).not.toContain('Asha')
})
