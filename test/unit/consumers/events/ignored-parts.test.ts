import { expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { inWords } from '../../../../consumers/events/reject-reasons.ts'
import { ignoredParts, validateRecord } from '../../../../consumers/events/validate.ts'
import { bare } from '../../../support/events.ts'

const student = { identifier: 'S-1', grade: '5', academic_year_start: '2026', academic_year_end: '2027' }
const fee = { student, component_type: 'TUITION', amount: 1 }

const ignored = (type: string, data: object) =>
  ignoredParts(bare({ type, data })).map(({ pointer, message }) => `${pointer}: ${message}`)
const refused = (type: string, data: object) => {
  const validated = validateRecord(bare({ type, data }))
  return validated.kind === 'invalid' ? validated.problems.map(({ pointer, message }) => `${pointer}: ${message}`) : []
}
const detailOf = (event: Parameters<typeof bare>[0]) => {
  const decoded = decode(bare(event))
  return decoded.kind === 'student' && decoded.content.kind === 'broken' ? inWords(decoded.content) : null
}

test('a field that is ignored is named with the field that was probably meant, at any depth', () => {
  expect(ignored('erp.fee.changed.v1', { ...fee, student: { ...student, collectorCode: 'BLR-01' } })).toEqual([
    '/data/student/collectorCode: is no field of erp.fee.changed.v1 and is ignored; did you mean collector_code?',
  ])
  const details = [{ component_type: 'TUITION', amount: 1 }]
  const schedule = { student, payment_schedule: [{ due_date: '2026-07-17', referenceid: 'r', details }] }
  expect(ignored('erp.schedule.set.v1', schedule)).toEqual([
    '/data/payment_schedule/0/referenceid: is no field of erp.schedule.set.v1 and is ignored; did you mean reference_id?',
  ])
  const changes = [
    { type: 'erp.charge.added.v1', data: { charge_id: 'C', component_type: 'FINE', amount: 1, duedate: 'x' } },
  ]
  expect(ignored('erp.student.changed.v1', { student, changes })).toEqual([
    '/data/changes/0/data/duedate: is no field of erp.student.changed.v1 and is ignored; did you mean due_date?',
  ])
})

test('a field like none, and one whose likeness stands beside it, are a publisher’s own', () => {
  expect(ignored('erp.fee.changed.v1', { ...fee, amounts: [1], cashier: 'x' })).toEqual([])
})

test('a missing field is found under its wrong name', () => {
  expect(refused('erp.fees.assessed.v1', { student, fee_componets: [] })).toEqual([
    '/data/fee_components: is required; fee_componets is no field: did you mean fee_components?',
  ])
  expect(refused('erp.fees.assessed.v1', { student, other: [] })).toEqual(['/data/fee_components: is required'])
})

test('a foreign type that lacks its prefix is told what was meant', () => {
  expect(ignored('fee.changed.v1', fee)).toEqual([
    '/type: is of no type of Pullgate and is ignored; did you mean erp.fee.changed.v1?',
  ])
  expect(ignored('com.example.invoice.v1', fee)).toEqual([])
})

test('the detail of a dead letter states the rule that was broken', () => {
  expect(detailOf({ type: 'erp.fee.changed.v1', time: 'yesterday', data: fee })).toBe(
    'bad_envelope: an attribute of the envelope is missing or invalid (/time: must be an RFC 3339 moment with an offset)',
  )
  expect(detailOf({ type: 'erp.fee.change.v1', data: fee })).toMatch(
    /^unknown_type: .* \(did you mean erp\.fee\.changed\.v1\?\)$/,
  )
  expect(detailOf({ type: 'erp.fee.changed.v1', data: { ...fee, amount: '1.005' } })).toBe(
    'invalid_data: the data does not fit its type (/data/amount: must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals)',
  )
  expect(detailOf({ type: 'erp.fees.assessed.v1', data: { student } })).toBe(
    'invalid_data: the data does not fit its type (/data/fee_components: is required)',
  )
})

test('an event with a hundred thousand unknown fields is looked at in no more time than twenty', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`amount${index}`, 1]))
  expect(
    ignoredParts(bare({ type: 'erp.fee.changed.v1', data: { student, component_type: 'T', ...many } })).length,
  ).toBeLessThan(21)
})
