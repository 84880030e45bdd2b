import { type Example, example } from './example.ts'
import { allocated, assessed, charged, cleared, enrolled, paid, scheduled } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const twenty = assessed([['TUITION', 20000]])
const inTwo = scheduled(['2026-07-01', 'r1', [['TUITION', 10000]]], ['2026-08-01', 'r2', [['TUITION', 10000]]])
const lateFine = charged('f1', 'LATE_FINE', 500, { reference_id: 'r1', effective_on: '2026-07-11' })

/** Charges by month, and where a charge stands in a schedule. */
export const busExamples: readonly Example[] = [
  example({
    name: 'the bus from October, in September',
    rule: 'Each month is a charge with its own day, and none of them counts yet.',
    said: [
      enrolled(),
      thousand,
      charged('bus-10', 'BUS', 900, { due_date: '2026-10-05', effective_on: '2026-10-01' }),
      charged('bus-11', 'BUS', 900, { due_date: '2026-11-05', effective_on: '2026-11-01' }),
    ],
    asOf: '2026-09-30',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'the bus from October, in November',
    rule: 'Two months count by now: 900 and 900, each an entry of its own after those of the ERP.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-12-01', 'r1', [['TUITION', 1000]]]),
      charged('bus-10', 'BUS', 900, { due_date: '2026-10-05', effective_on: '2026-10-01' }),
      charged('bus-11', 'BUS', 900, { due_date: '2026-11-05', effective_on: '2026-11-01' }),
      charged('bus-12', 'BUS', 900, { due_date: '2026-12-05', effective_on: '2026-12-01' }),
    ],
    asOf: '2026-11-30',
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['BUS', 1800],
      ],
      schedule: [
        ['2026-12-01', ['TUITION', 1000]],
        ['2026-10-05', ['BUS', 900]],
        ['2026-11-05', ['BUS', 900]],
      ],
    },
  }),
  example({
    name: 'a fine for an instalment that is not there',
    rule: 'A reference that no entry bears is incoherent.',
    said: [enrolled(), twenty, inTwo, charged('f1', 'LATE_FINE', 500, { reference_id: 'r9' })],
    expect: 'incoherent',
  }),
  example({
    name: 'a fine for an instalment that is not there, before its day',
    rule: 'A charge that does not count yet harms nothing.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-07-01', 'r1', [['TUITION', 1000]]]),
      charged('f1', 'LATE_FINE', 500, { reference_id: 'r9', effective_on: '2026-07-11' }),
    ],
    expect: { status: 200, fees: [['TUITION', 1000]], schedule: [['2026-07-01', ['TUITION', 1000]]] },
  }),
  example({
    name: 'a charge whose id is an instalment’s reference already',
    rule: 'Its own entry would bear the same reference: incoherent.',
    said: [enrolled(), twenty, inTwo, charged('r2', 'ARREARS', 500, { due_date: '2026-06-20' })],
    expect: 'incoherent',
  }),
  example({
    name: 'charges of a student without a schedule',
    rule: 'Without a schedule a reference and a day say nothing: 1000, 500 and 300.',
    said: [enrolled(), twenty, inTwo, lateFine, charged('a1', 'ARREARS', 300, { due_date: '2026-06-20' }), cleared()],
    asOf: '2026-07-11',
    expect: {
      status: 200,
      fees: [
        ['TUITION', 20000],
        ['LATE_FINE', 500],
        ['ARREARS', 300],
      ],
    },
  }),
  example({
    name: 'a fine that is paid at the counter',
    rule: 'An allocation reaches the charge in the instalment that it names.',
    said: [
      enrolled(),
      twenty,
      inTwo,
      charged('f1', 'LATE_FINE', 500, { reference_id: 'r1' }),
      paid('p1', 500, allocated(['LATE_FINE', 500, 'r1'])),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 20000],
        ['LATE_FINE', 0],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'arrears that are paid by their own reference',
    rule: 'The entry of a charge bears its id: 1000 of 3000 are placed there though July is due as well.',
    said: [
      enrolled(),
      twenty,
      inTwo,
      charged('arrears', 'ARREARS', 3000, { due_date: '2026-09-01' }),
      paid('p1', 1000, allocated(['ARREARS', 1000, 'arrears'])),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 20000],
        ['ARREARS', 2000],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['ARREARS', 2000]],
      ],
    },
  }),
]
