import { type Example, example } from './example.ts'
import { assessed, charged, enrolled, granted, paid, reversed, scheduled, uncharged } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const twenty = assessed([['TUITION', 20000]])
const inTwo = scheduled(['2026-07-01', 'r1', [['TUITION', 10000]]], ['2026-08-01', 'r2', [['TUITION', 10000]]])
const lateFine = charged('f1', 'LATE_FINE', 500, { reference_id: 'r1', effective_on: '2026-07-11' })

/** What is charged on top of the fees: fines, bounced cheques, transport, arrears. */
export const chargeExamples: readonly Example[] = [
  example({
    name: 'a late fine on the day before it counts',
    rule: 'A charge counts from its day on; before it nobody sees it.',
    said: [enrolled(), twenty, inTwo, lateFine],
    asOf: '2026-07-10',
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a late fine on its day',
    rule: 'It stands as a new last detail in the instalment that it names, with no event on the day.',
    said: [enrolled(), twenty, inTwo, lateFine],
    asOf: '2026-07-11',
    expect: {
      status: 200,
      fees: [
        ['TUITION', 20000],
        ['LATE_FINE', 500],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 10000], ['LATE_FINE', 500]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a fine that is waived',
    rule: 'A removed charge is gone, its component too.',
    said: [enrolled(), twenty, inTwo, lateFine, uncharged('f1')],
    asOf: '2026-07-20',
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a fine that grows',
    rule: 'The same charge id replaces: 150, not 100 and 150.',
    said: [
      enrolled(),
      thousand,
      charged('f1', 'LATE_FINE', 100, { due_date: '2026-06-10' }),
      charged('f1', 'LATE_FINE', 150, { due_date: '2026-06-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['LATE_FINE', 150],
      ],
    },
  }),
  example({
    name: 'two fines of one kind',
    rule: 'Charges of one component add up: 50 and 70.',
    said: [
      enrolled(),
      thousand,
      charged('f1', 'LATE_FINE', 50, { due_date: '2026-06-10' }),
      charged('f2', 'LATE_FINE', 70, { due_date: '2026-07-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['LATE_FINE', 120],
      ],
    },
  }),
  example({
    name: 'a charge on a component that has a concession',
    rule: 'The concession is of the gross alone: 1000 less 50 percent, and 300 on top.',
    said: [
      enrolled(),
      thousand,
      granted('d1', 'TUITION', { percent: 50 }),
      charged('c1', 'TUITION', 300, { due_date: '2026-06-10' }),
    ],
    expect: { status: 200, fees: [['TUITION', 800]] },
  }),
  example({
    name: 'a concession on what only a charge names',
    rule: 'A discount is worth nothing while its component is missing among the fees.',
    said: [
      enrolled(),
      thousand,
      granted('d1', 'LATE_FINE', { amount: 40 }),
      charged('f1', 'LATE_FINE', 100, { due_date: '2026-06-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['LATE_FINE', 100],
      ],
    },
  }),
  example({
    name: 'a charge that is added again after it was removed',
    rule: 'Components of charges alone stand after the others, first recorded first: BUS was absent and is now the younger.',
    said: [
      enrolled(),
      thousand,
      charged('b1', 'BUS', 10, { due_date: '2026-06-10' }),
      charged('f1', 'LATE_FINE', 20, { due_date: '2026-06-10' }),
      uncharged('b1'),
      charged('b1', 'BUS', 10, { due_date: '2026-06-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['LATE_FINE', 20],
        ['BUS', 10],
      ],
    },
  }),
  example({
    name: 'a re-admission charge on tuition itself',
    rule: 'It is added to the detail of its component in the instalment: 10000 and 700.',
    said: [enrolled(), twenty, inTwo, charged('ra', 'TUITION', 700, { reference_id: 'r2' })],
    expect: {
      status: 200,
      fees: [['TUITION', 20700]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10700]],
      ],
    },
  }),
  example({
    name: 'a bounced cheque with its charge',
    rule: 'The reversed payment is due again, and the bank’s 250 with it.',
    said: [
      enrolled(),
      twenty,
      inTwo,
      paid('q1', 10000),
      reversed('q1'),
      charged('bounce-q1', 'BOUNCE', 250, { reference_id: 'r1' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 20000],
        ['BOUNCE', 250],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 10000], ['BOUNCE', 250]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
]
