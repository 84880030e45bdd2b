import { type Example, example } from './example.ts'
import { assessed, charged, enrolled, granted, listed, paid, plan, scheduled, snapshot } from './said.ts'

const twenty = assessed([['TUITION', 20000]])
const inTwo = scheduled(['2026-07-01', 'r1', [['TUITION', 10000]]], ['2026-08-01', 'r2', [['TUITION', 10000]]])
const fineFromThe11th = charged('f1', 'LATE_FINE', 500, { reference_id: 'r1', effective_on: '2026-07-11' })

/** What a payment pays when charges come and go by date, and amounts at their edges. */
export const fineExamples: readonly Example[] = [
  example({
    name: 'a payment before the fine counts',
    rule: 'The oldest instalment is paid first: 10000 of July, and the other 200 go to August.',
    said: [enrolled(), twenty, inTwo, fineFromThe11th, paid('p1', 10200)],
    asOf: '2026-07-10',
    expect: { status: 200, fees: [['TUITION', 9800]], schedule: [['2026-08-01', ['TUITION', 9800]]] },
  }),
  example({
    name: 'the same payment once the fine counts',
    rule: 'The answer is made of the facts of the day: the 200 now pay July’s fine, and August is whole again.',
    said: [enrolled(), twenty, inTwo, fineFromThe11th, paid('p1', 10200)],
    asOf: '2026-07-11',
    expect: {
      status: 200,
      fees: [
        ['TUITION', 10000],
        ['LATE_FINE', 300],
      ],
      schedule: [
        ['2026-07-01', ['LATE_FINE', 300]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the same payment where paid instalments stay at 0',
    rule: 'Entries and details that are paid stay, at 0.',
    paid: 'zero',
    said: [enrolled(), twenty, inTwo, fineFromThe11th, paid('p1', 10200)],
    asOf: '2026-07-11',
    expect: {
      status: 200,
      fees: [
        ['TUITION', 10000],
        ['LATE_FINE', 300],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 0], ['LATE_FINE', 300]],
        ['2026-08-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'an advance that is more than the fees',
    rule: 'What is left is credit, never shown: 1000 of 1200 are placed.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 1200)],
    expect: { status: 200, fees: [['TUITION', 0]] },
  }),
  example({
    name: 'an advance when a fine comes',
    rule: 'Credit pays again as soon as something is due: 150 of the 200.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      paid('p1', 1200),
      charged('f1', 'LATE_FINE', 150, { due_date: '2026-06-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 0],
        ['LATE_FINE', 0],
      ],
    },
  }),
  example({
    name: 'a negative line',
    rule: 'Money is 0 or more: a charge below 0 is poison. What lowers a fee is a discount.',
    said: [enrolled(), assessed([['TUITION', 1000]]), charged('c1', 'ADJUST', -100, { due_date: '2026-06-10' })],
    expect: 'suspect',
  }),
  example({
    name: 'a charge with a reference and a day',
    rule: 'Exactly one of the two: poison.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      charged('c1', 'X', 1, { due_date: '2026-06-10', reference_id: 'r1' }),
    ],
    expect: 'suspect',
  }),
  example({
    name: 'a charge with neither',
    rule: 'Exactly one of the two: poison.',
    said: [enrolled(), assessed([['TUITION', 1000]]), charged('c1', 'X', 1, {})],
    expect: 'suspect',
  }),
  example({
    name: 'a concession above what is left',
    rule: 'Net is 500 and 800 are paid: nothing is due, nothing is negative.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 800), granted('d1', 'TUITION', { amount: 500 })],
    expect: { status: 200, fees: [['TUITION', 0]] },
  }),
  example({
    name: 'a concession above what is left, with another fee',
    rule: 'The 300 that are too much for TUITION pay MEALS.',
    said: [
      enrolled(),
      assessed([
        ['TUITION', 1000],
        ['MEALS', 400],
      ]),
      paid('p1', 800),
      granted('d1', 'TUITION', { amount: 500 }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 0],
        ['MEALS', 100],
      ],
    },
  }),
  example({
    name: 'a sibling concession of a third',
    rule: '33.3333 percent of 100 are 33.3333, rounded half up to the paisa 33.33: 66.67 are left.',
    said: [enrolled(), assessed([['TUITION', 100]]), granted('sibling', 'TUITION', { percent: '33.3333' })],
    expect: { status: 200, fees: [['TUITION', 66.67]] },
  }),
  example({
    name: 'three instalments of a third, a paisa short',
    rule: '3 times 33.33 are 99.99, not 100: incoherent.',
    said: [
      enrolled(),
      assessed([['TUITION', 100]]),
      scheduled(
        ['2026-07-01', 'r1', [['TUITION', 33.33]]],
        ['2026-08-01', 'r2', [['TUITION', 33.33]]],
        ['2026-09-01', 'r3', [['TUITION', 33.33]]],
      ),
    ],
    expect: 'incoherent',
  }),
  example({
    name: 'three instalments of a third, the paisa in the last',
    rule: '33.33, 33.33 and 33.34 are 100.',
    said: [
      enrolled(),
      assessed([['TUITION', 100]]),
      scheduled(
        ['2026-07-01', 'r1', [['TUITION', '33.33']]],
        ['2026-08-01', 'r2', [['TUITION', '33.33']]],
        ['2026-09-01', 'r3', [['TUITION', '33.34']]],
      ),
      paid('p1', 33.33),
    ],
    expect: {
      status: 200,
      fees: [['TUITION', 66.67]],
      schedule: [
        ['2026-08-01', ['TUITION', 33.33]],
        ['2026-09-01', ['TUITION', 33.34]],
      ],
    },
  }),
  example({
    name: 'a list with charges',
    rule: 'A snapshot lists charges too, in its order, and each counts from its day: of the two only the first does.',
    said: [
      snapshot(
        listed([['TUITION', 1000]], {
          payment_schedule: plan(['2026-07-01', 'r1', [['TUITION', 1000]]]),
          charges: [
            { charge_id: 'a', component_type: 'ARREARS', amount: 70, due_date: '2026-06-20' },
            { charge_id: 'f', component_type: 'FINE', amount: 5, reference_id: 'r1', effective_on: '2026-07-11' },
          ],
        }),
      ),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['ARREARS', 70],
      ],
      schedule: [
        ['2026-07-01', ['TUITION', 1000]],
        ['2026-06-20', ['ARREARS', 70]],
      ],
    },
  }),
]
