import { type Example, example } from './example.ts'
import { assessed, enrolled, paid, say, scheduled } from './said.ts'

const halves = scheduled(['2026-07-10', 'r1', [['TUITION', 500]]], ['2026-10-10', 'r2', [['TUITION', 500]]])
const thousand = assessed([['TUITION', 1000]])
/** Schedules, and payments that name none of their instalments. */
export const instalmentExamples: readonly Example[] = [
  example({
    name: 'a schedule without payments',
    rule: 'Entries and details stand in the order of the ERP, with what remains of each.',
    said: [enrolled(), thousand, halves],
    expect: {
      status: 200,
      fees: [['TUITION', 1000]],
      schedule: [
        ['2026-07-10', ['TUITION', 500]],
        ['2026-10-10', ['TUITION', 500]],
      ],
    },
  }),
  example({
    name: 'every field of a schedule entry',
    rule: 'due_date, reference_id, identifier, is_downpayment, details, in this order; unknown ones are left out.',
    said: [
      enrolled(),
      assessed([['T', 7]]),
      say('erp.schedule.set.v1', {
        payment_schedule: [
          {
            details: [{ amount: '5.10', component_type: 'T' }],
            is_downpayment: true,
            identifier: 11,
            reference_id: 'r1',
            due_date: '2026-07-10',
          },
          { due_date: '2026-08-10', details: [{ component_type: 'T', amount: 1.9 }] },
        ],
      }),
    ],
    expect: {
      status: 200,
      fees: [['T', 7]],
      schedule: [
        ['2026-07-10', ['T', 5.1]],
        ['2026-08-10', ['T', 1.9]],
      ],
      body: '{"status":"success","data":{"student":{"fullname":"Asha Rao","identifier":"S-1","collector_code":"BLR-01","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027","primary_contact_name":"Ravi Rao","primary_contact_number":"9800000001","primary_contact_email":"ravi@example.org"},"fee_components":[{"component_type":"T","fee_amount":7}],"payment_schedule":[{"due_date":"2026-07-10","reference_id":"r1","identifier":"11","is_downpayment":true,"details":[{"component_type":"T","amount":5.1}]},{"due_date":"2026-08-10","details":[{"component_type":"T","amount":1.9}]}]}}',
    },
  }),
  example({
    name: 'a payment over two instalments, paid ones omitted',
    rule: '600 pays the first 500 and 100 of the second; a detail with nothing left is dropped, and its entry with it.',
    said: [enrolled(), thousand, halves, paid('p1', 600)],
    expect: { status: 200, fees: [['TUITION', 400]], schedule: [['2026-10-10', ['TUITION', 400]]] },
  }),
  example({
    name: 'a payment over two instalments, paid ones at zero',
    rule: 'With `zero` the paid detail stays at 0.',
    paid: 'zero',
    said: [enrolled(), thousand, halves, paid('p1', 600)],
    expect: {
      status: 200,
      fees: [['TUITION', 400]],
      schedule: [
        ['2026-07-10', ['TUITION', 0]],
        ['2026-10-10', ['TUITION', 400]],
      ],
    },
  }),
  example({
    name: 'everything paid',
    rule: 'Components stay at 0, and the schedule stays as an empty list.',
    said: [enrolled(), thousand, halves, paid('p1', 1000)],
    expect: { status: 200, fees: [['TUITION', 0]], schedule: [] },
  }),
  example({
    name: 'a schedule whose entries are not in the order of their dates',
    rule: 'Money pays by due date, but the answer keeps the order of the ERP: July is paid first, October stands first.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-10-10', 'r2', [['TUITION', 500]]], ['2026-07-10', 'r1', [['TUITION', 500]]]),
      paid('p1', 200),
    ],
    expect: {
      status: 200,
      fees: [['TUITION', 800]],
      schedule: [
        ['2026-10-10', ['TUITION', 500]],
        ['2026-07-10', ['TUITION', 300]],
      ],
    },
  }),
  example({
    name: 'two entries of one day',
    rule: 'On the same day the position decides: the first entry is paid first.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-07-10', 'r1', [['TUITION', 400]]], ['2026-07-10', 'r2', [['TUITION', 600]]]),
      paid('p1', 450),
    ],
    expect: { status: 200, fees: [['TUITION', 550]], schedule: [['2026-07-10', ['TUITION', 550]]] },
  }),
]
