import { expect, test } from 'vitest'
import { judge } from '../../../../src/erp/judge.ts'

const STUDENT = {
  fullname: 'N',
  identifier: 'S-1',
  grade: '5',
  new_admission: false,
  academic_year_start: '2026',
  academic_year_end: '2027',
  primary_contact_name: 'P',
  primary_contact_number: '9000000000',
  primary_contact_email: 'p@example.edu',
}
const INSTALMENT = { due_date: '2026-07-01', details: [{ component_type: 'T', amount: 1 }] }

const judged = (student: object, data: object = {}) => {
  const value = { status: 'success', data: { student: { ...STUDENT, ...student }, fee_components: [], ...data } }
  const body = Buffer.from(JSON.stringify(value))
  return judge(
    { identifier: 'S-1', collector_code: 'B-1' },
    { kind: 'response', status: 200, headers: {}, body, saidAtMs: 0, isOnUsed: false },
  ).outcome
}

test.each([
  [{ date_of_birth: '' }, {}],
  [{ date_of_birth: '0000-00-00' }, {}],
  [{ collector_code: '' }, {}],
  [{}, { user: '' }],
  [{}, { payment_schedule: '' }],
  [{}, { payment_schedule: [{ ...INSTALMENT, reference_id: '', identifier: '', is_downpayment: '' }] }],
])('an optional field that is empty counts as absent: %j %j', (student, data) => {
  expect(judged(student, data)).toMatchObject({ kind: 'answer', status: 200, collectorCode: null })
})

test.each([
  [{ fullname: 7 }, {}, 'invalid: data.student.fullname'],
  [{ grade: '' }, {}, 'invalid: data.student.grade'],
  [{ date_of_birth: '2026-02-30' }, {}, 'invalid: data.student.date_of_birth'],
  [{}, { payment_schedule: [{ ...INSTALMENT, due_date: '' }] }, 'invalid: data.payment_schedule.0.due_date'],
  [{}, { payment_schedule: [{ ...INSTALMENT, due_date: '0000-00-00' }] }, 'invalid: data.payment_schedule.0.due_date'],
])('a required field is never taken as absent, and the log names the field: %j %j', (student, data, detail) => {
  expect(judged(student, data)).toEqual({ kind: 'bad_response', detail })
})
