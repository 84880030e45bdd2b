import { say, snapshot } from '../golden/said.ts'
import { eventOf } from './events.ts'

/** Structured events of at most 1 MiB, each made to cost whoever reads it as much as it can. */
export type HostileMebibyte = {
  readonly name: string
  readonly value: Buffer
  /** `poison`: the decoder refuses it; `valid`: it is only large. */
  readonly expected: 'poison' | 'valid'
}

const MEBIBYTE = 1024 * 1024
const HOLE = '"@"'

/** The event with the marked value replaced by text that fills it up to 1 MiB. */
const filled = (event: object, fill: (room: number) => string): Buffer => {
  const text = JSON.stringify(eventOf(event))
  return Buffer.from(text.replace(HOLE, () => fill(MEBIBYTE - text.length)))
}

/** As many parts as there is room for, between brackets. */
const parts =
  (brackets: string, part: (index: number) => string) =>
  (room: number): string => {
    const written: string[] = []
    let size = 2
    for (let index = 0; ; index += 1) {
      const text = part(index)
      size += text.length + 1
      if (size > room) return `${brackets[0]}${written.join(',')}${brackets[1]}`
      written.push(text)
    }
  }

const list = (part: string) => parts('[]', () => part)
const EMPTY = list('{}')

const assessed = { ...say('erp.fees.assessed.v1', { fee_components: '@' }), id: 'e1' }
const paid = say('erp.payment.recorded.v1', { payment_id: 'p', amount: 1, paid_on: '2026-06-01', allocations: '@' })
const scheduled = say('erp.schedule.set.v1', { payment_schedule: '@' })
const detailed = say('erp.schedule.set.v1', { payment_schedule: [{ due_date: '2026-06-01', details: '@' }] })
const changed = say('erp.student.changed.v1', { changes: '@' })
const replacing = { ...snapshot(), data: { student: { identifier: 'S-1' }, enrolments: [], replaces: '@' } }
const listing = (fields: object) => snapshot({ grade: '5', ...fields })
const snapshotOf = { type: 'erp.student.snapshot.v1', data: { student: { identifier: 'S-1' }, enrolments: '@' } }
const unknown = say('erp.student.reinstated.v1', { note: '@' })
const foreign = { type: 'org.example.noted.v1', data: { student: { identifier: 'S-1' }, note: '@' } }

const nested = (open: string, close: string) => (room: number) => {
  const depth = Math.floor((room - 2) / (open.length + close.length))
  return `${open.repeat(depth)}0${close.repeat(depth)}`
}

const poison = (name: string, event: object, fill: (room: number) => string): HostileMebibyte => ({
  name,
  value: filled(event, fill),
  expected: 'poison',
})
const valid = (name: string, event: object, fill: (room: number) => string): HostileMebibyte => ({
  name,
  value: filled(event, fill),
  expected: 'valid',
})

const FEE = (index: number): string => `{"component_type":"${index.toString(36)}","amount":1}`
const ENROLMENT = (index: number): string =>
  `{"grade":"${index.toString(36)}","academic_year_start":1,"academic_year_end":1,"status":"active","fullname":"","new_admission":true,"primary_contact_name":"","primary_contact_number":1,"primary_contact_email":""}`

/** Made anew on every call: each is 1 MiB. */
export const hostileMebibytes = (): readonly HostileMebibyte[] => [
  poison('empty objects as enrolments', snapshotOf, EMPTY),
  poison('empty objects as fee_components', assessed, EMPTY),
  poison('empty objects as changes', changed, EMPTY),
  poison('empty objects as allocations', paid, EMPTY),
  poison('empty objects as payment_schedule', scheduled, EMPTY),
  poison('empty objects as details', detailed, EMPTY),
  poison('empty objects as charges of a snapshot', listing({ charges: '@' }), EMPTY),
  poison('empty objects as discounts of a snapshot', listing({ discounts: '@' }), EMPTY),
  poison('empty objects as payments of a snapshot', listing({ payments: '@' }), EMPTY),
  poison('null as enrolments', snapshotOf, list('null')),
  poison('digits as fee_components', assessed, list('0')),
  poison('lists as enrolments', snapshotOf, list('[]')),
  poison('one component over and over', assessed, list('{"component_type":"A","amount":1}')),
  poison('one enrolment over and over', snapshotOf, list(ENROLMENT(1))),
  poison('a wrong enrolment over and over', snapshotOf, list('{"grade":1,"academic_year_start":1}')),
  poison('empty schedules in every enrolment', snapshotOf, list('{"payment_schedule":[{"details":[{}]}]}')),
  poison(
    '64 changes, each of wide lists',
    changed,
    (room) =>
      `[${Array(64)
        .fill(`{"type":"erp.fees.assessed.v1","data":{"fee_components":${EMPTY(Math.floor(room / 64) - 70)}}}`)
        .join(',')}]`,
  ),
  poison('replaces of empty names', replacing, list('""')),
  poison(
    'replaces of good names',
    replacing,
    parts('[]', (index) => `"/${index}"`),
  ),
  poison(
    'a wrong string of 1 MiB as an amount',
    say('erp.fee.changed.v1', { component_type: 'A', amount: '@' }),
    (room) => `"${'1'.repeat(room - 2)}"`,
  ),
  poison(
    'a wrong string of 1 MiB as a date',
    say('erp.student.discontinued.v1', { effective_on: '@' }),
    (room) => `"${'2'.repeat(room - 2)}"`,
  ),
  poison(
    'escapes of 1 MiB as a code',
    say('erp.fee.removed.v1', { component_type: '@' }),
    (room) => `"${'\\ud800'.repeat(Math.floor(room / 6) - 1)}"`,
  ),
  poison('a number of 1 MiB as an amount', say('erp.fee.changed.v1', { component_type: 'A', amount: '@' }), (room) =>
    '9'.repeat(room),
  ),
  poison('huge numbers as fee_components', assessed, list(`{"amount":${'9'.repeat(300)}}`)),
  poison(
    'one key over and over',
    unknown,
    parts('{}', () => '"a":1'),
  ),
  poison('lists nested as deep as they go, as enrolments', snapshotOf, nested('[', ']')),
  valid('lists nested as deep as they go, unread', unknown, nested('[', ']')),
  valid('objects nested as deep as they go, unread', unknown, nested('{"a":', '}')),
  valid('empty objects, unread', unknown, EMPTY),
  valid(
    'unlike objects, unread',
    unknown,
    parts('[]', (index) => `{"${index.toString(36)}":0}`),
  ),
  valid(
    'unknown keys, unread',
    unknown,
    parts('{}', (index) => `"${index.toString(36)}":0`),
  ),
  valid(
    'unknown keys that begin alike, unread',
    unknown,
    parts('{}', (index) => `"${'k'.repeat(24)}${index.toString(36)}":0`),
  ),
  valid('digits, unread', unknown, list('0')),
  valid(
    'unlike objects of a foreign type',
    foreign,
    parts('[]', (index) => `{"${index.toString(36)}":0}`),
  ),
  valid('as many valid fee_components as there is room for', assessed, parts('[]', FEE)),
  valid('as many valid enrolments as there is room for', snapshotOf, parts('[]', ENROLMENT)),
]
