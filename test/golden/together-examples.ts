import { type Example, example } from './example.ts'
import {
  as,
  assessed,
  changed,
  charged,
  enrolled,
  granted,
  paid,
  removed,
  reversed,
  scheduled,
  together,
  transferred,
} from './said.ts'

const inGrade6 = { grade: '6' }
const inTwo = (half: number) =>
  scheduled(['2026-07-01', 'r1', [['TUITION', half]]], ['2026-08-01', 'r2', [['TUITION', half]]])
const scheduledOnce = (component: string, amount: number) => scheduled(['2026-07-01', 'r1', [[component, amount]]])
const bookedWrong = [
  enrolled(),
  assessed([['TUITION', 1000]]),
  enrolled({}, inGrade6),
  assessed([['TUITION', 1000]], inGrade6),
  paid('p1', 400),
  together(reversed('p1'), paid('p1', 400, {}, inGrade6)),
] as const

/** Several changes as one event: all of them or none. */
export const togetherExamples: readonly Example[] = [
  example({
    name: 'a fee and its schedule in one event',
    rule: 'Both change at once, so that they agree: 22000 in two halves.',
    said: [enrolled(), assessed([['TUITION', 20000]]), inTwo(10000), together(changed('TUITION', 22000), inTwo(11000))],
    expect: {
      status: 200,
      fees: [['TUITION', 22000]],
      schedule: [
        ['2026-07-01', ['TUITION', 11000]],
        ['2026-08-01', ['TUITION', 11000]],
      ],
    },
  }),
  example({
    name: 'a fee without its schedule',
    rule: 'Half of a change is incoherent until the other half comes.',
    said: [enrolled(), assessed([['TUITION', 20000]]), inTwo(10000), changed('TUITION', 22000)],
    expect: 'incoherent',
  }),
  example({
    name: 'an admission in one event',
    rule: 'What the first change creates the others speak of: 12000 less 10 percent, less 800 paid.',
    said: [
      together(
        enrolled(),
        assessed([['TUITION', 12000]]),
        granted('d1', 'TUITION', { percent: 10 }),
        scheduledOnce('TUITION', 10800),
        paid('p1', 800),
      ),
    ],
    expect: { status: 200, fees: [['TUITION', 10000]], schedule: [['2026-07-01', ['TUITION', 10000]]] },
  }),
  example({
    name: 'a fee head that is renamed',
    rule: 'The old one goes and the new one comes in one step, the schedule with them; the payment pays on.',
    said: [
      enrolled(),
      assessed([['TUTION', 1000]]),
      scheduledOnce('TUTION', 1000),
      paid('p1', 300),
      together(removed('TUTION'), changed('TUITION', 1000), scheduledOnce('TUITION', 1000)),
    ],
    expect: { status: 200, fees: [['TUITION', 700]], schedule: [['2026-07-01', ['TUITION', 700]]] },
  }),
  example({
    name: 'a payment booked on the wrong enrolment, there',
    rule: 'It is gone from where it was: 1000.',
    said: bookedWrong,
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a payment booked on the wrong enrolment, here',
    rule: 'A change with a student of its own reaches another enrolment: 1000 less 400.',
    said: bookedWrong,
    of: inGrade6,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'the last of two changes of one fee',
    rule: 'The changes apply in their order: 900.',
    said: [enrolled(), together(changed('TUITION', 800), changed('TUITION', 900))],
    expect: { status: 200, fees: [['TUITION', 900]] },
  }),
  example({
    name: 'a fine and its waiving in one event',
    rule: 'A charge that comes and is replaced within one event counts as it is at the end: 10.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      together(
        charged('f1', 'FINE', 50, { due_date: '2026-06-10' }),
        charged('f1', 'FINE', 10, { due_date: '2026-06-10' }),
      ),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['FINE', 10],
      ],
    },
  }),
  example({
    name: 'one broken change among good ones',
    rule: 'If one of them is poison, the event is.',
    said: [enrolled(), assessed([['TUITION', 1000]]), together(changed('TUITION', 900), changed('MEALS', -1))],
    expect: 'suspect',
  }),
  example({
    name: 'one change that cannot reach its enrolment any more',
    rule: 'Money of an enrolment that was transferred away is poison, and the whole event with it.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      transferred(inGrade6),
      together(as(changed('TUITION', 900, inGrade6), {}), changed('TUITION', 900)),
    ],
    of: inGrade6,
    expect: 'suspect',
  }),
  example({
    name: 'one change whose enrolment is not there yet',
    rule: 'If one of them is an orphan, the event waits: nothing of it has happened.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      together(changed('TUITION', 900), changed('TUITION', 900, inGrade6)),
    ],
    expect: 'suspect',
  }),
  example({
    name: 'one change whose enrolment comes at last',
    rule: 'Then all of it applies, here too.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      together(changed('TUITION', 900), changed('TUITION', 800, inGrade6)),
      enrolled({}, inGrade6),
    ],
    expect: { status: 200, fees: [['TUITION', 900]] },
  }),
]
