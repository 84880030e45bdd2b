import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { type AnswerRecord, recordedAnswer } from '../../../../src/answers/answer-record.ts'
import type { AnsweredPull, PullAnswer } from '../../../../src/pull/port.ts'

const AT = Date.UTC(2026, 6, 17, 8, 30, 0, 250)
const ID = 'S-1001' as StudentId
const ENROLMENT = { collectorCode: 'BLR-01', grade: '5', yearStart: '2026' }
const BODY =
  '{"status":"success","data":{"student":{"fullname":"Asha Rao","identifier":"S-1001","collector_code":"BLR-01","grade":"5","new_admission":true,"academic_year_start":"2026","academic_year_end":"2027","primary_contact_name":"Ravi Rao","primary_contact_number":"9800000001","primary_contact_email":"ravi@example.org"},"fee_components":[{"component_type":"TUITION_FEE","fee_amount":10000},{"component_type":"BUS","fee_amount":0.5}],"payment_schedule":[{"due_date":"2026-07-17","reference_id":"ref_1","details":[{"component_type":"TUITION_FEE","amount":5000},{"component_type":"BUS","amount":0.5}]},{"due_date":"2026-08-17","details":[{"component_type":"TUITION_FEE","amount":5000}]}]}}'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const answered = (answer: Partial<PullAnswer>, query: AnsweredPull['query'] = { identifier: ID }): AnsweredPull => ({
  client: 'jodo',
  requestId: 'r-1',
  query,
  answer: {
    kind: 'answer',
    status: 200,
    body: Buffer.from(BODY),
    source: 'projection',
    asOfMs: AT - 5,
    version: '7:104',
    about: { id: ID, enrolment: ENROLMENT, partitions: [] },
    ...answer,
  },
})

test('a projected answer is recorded with its members in order, and nothing of the student in the clear', () => {
  const query = {
    identifier: ID,
    custom_identifier: 'C-1',
    grade: '5',
    collector_code: 'BLR-01',
    academic_year_start: '2026',
  }
  const { json, identifier } = recordedAnswer(answered({}, query), AT)
  expect(json).toBe(
    `{"at":"2026-07-17T08:30:00.250Z","client":"jodo","request_id":"r-1","query":{"grade":"5","collector_code":"BLR-01","academic_year_start":"2026"},"status":200,"source":"projection","as_of":"2026-07-17T08:30:00.245Z","version":"7:104","enrolment":{"collector_code":"BLR-01","grade":"5","academic_year_start":"2026"},"payable":10000.5,"instalments":[{"due_date":"2026-07-17","reference_id":"ref_1","amount":5000.5},{"due_date":"2026-08-17","amount":5000}],"body_sha256":"${sha256(BODY)}"}`,
  )
  expect(identifier).toBe(ID)
  for (const secret of [ID, 'C-1', 'Asha', 'Ravi', '9800000001', 'ravi@']) expect(json).not.toContain(secret)
})

test('a refusal has its code and no sum', () => {
  const body = '{"status":"error","message":"The student has left.","code":"student_discontinued"}'
  const { json } = recordedAnswer(answered({ status: 422, body }), AT)
  expect(JSON.parse(json)).toEqual({
    at: '2026-07-17T08:30:00.250Z',
    client: 'jodo',
    request_id: 'r-1',
    query: {},
    status: 422,
    code: 'student_discontinued',
    source: 'projection',
    as_of: '2026-07-17T08:30:00.245Z',
    version: '7:104',
    enrolment: { collector_code: 'BLR-01', grade: '5', academic_year_start: '2026' },
    body_sha256: sha256(body),
  } satisfies AnswerRecord)
})

const fromErp = (over: Partial<PullAnswer>): Partial<PullAnswer> => {
  const { version: _, ...answer } = answered({ source: 'erp', reason: 'stale', ...over }).answer
  return answer
}

test("an ERP's answer is about the enrolment that it names itself, and about whom it names", () => {
  const about = { id: null, enrolment: { ...ENROLMENT, grade: '6' }, partitions: [] }
  const { version: _, ...pull } = answered(fromErp({ about }), { custom_identifier: 'C-1' }).answer
  const { json, identifier, enrolment } = recordedAnswer({ client: 'c', requestId: 'r', query: {}, answer: pull }, AT)
  expect(identifier).toBe(ID)
  expect(enrolment).toEqual(ENROLMENT)
  expect(JSON.parse(json)).toMatchObject({ source: 'erp', reason: 'stale', payable: 10000.5 })
  expect(JSON.parse(json)).not.toHaveProperty('version')
})

test("an ERP's refusal names no enrolment", () => {
  const body = '{"status":"error","message":"m","code":"student_not_found"}'
  const { json, enrolment } = recordedAnswer(answered(fromErp({ status: 422, body })), AT)
  expect(enrolment).toBeNull()
  expect(JSON.parse(json)).toMatchObject({ enrolment: null, code: 'student_not_found' })
})

test('an enrolment without a branch has none in the record', () => {
  const about = { id: ID, enrolment: { ...ENROLMENT, collectorCode: null }, partitions: [] }
  expect(JSON.parse(recordedAnswer(answered({ about }), AT).json).enrolment).toEqual({
    grade: '5',
    academic_year_start: '2026',
  })
})
