import { type Example, example } from './example.ts'
import {
  allocated,
  assessed,
  changed,
  cleared,
  enrolled,
  granted,
  listed,
  paid,
  plan,
  scheduled,
  snapshot,
} from './said.ts'

const halves = scheduled(['2026-07-10', 'r1', [['TUITION', 500]]], ['2026-10-10', 'r2', [['TUITION', 500]]])
const thousand = assessed([['TUITION', 1000]])
const twoFees = assessed([
  ['TUITION', 600],
  ['BUS', 200],
])
/** Schedules that agree with the fees or not, and snapshots that set all at once. */
export const coherenceExamples: readonly Example[] = [
  example({
    name: 'a fee change before its schedule',
    rule: 'The schedule (1000) is not the net (1100): nothing is answered until the new schedule comes.',
    said: [enrolled(), thousand, halves, changed('TUITION', 1100)],
    expect: 'incoherent',
  }),
  example({
    name: 'a fee change and its schedule',
    rule: 'Both are there: 500 + 600 is 1100.',
    said: [
      enrolled(),
      thousand,
      halves,
      changed('TUITION', 1100),
      scheduled(['2026-07-10', 'r1', [['TUITION', 500]]], ['2026-10-10', 'r2', [['TUITION', 600]]]),
    ],
    expect: {
      status: 200,
      fees: [['TUITION', 1100]],
      schedule: [
        ['2026-07-10', ['TUITION', 500]],
        ['2026-10-10', ['TUITION', 600]],
      ],
    },
  }),
  example({
    name: 'a schedule after discounts',
    rule: 'A schedule is after discounts: 1000 less 10 % is 900, and the schedule says 900.',
    said: [
      enrolled(),
      thousand,
      granted('d1', 'TUITION', { percent: 10 }),
      scheduled(['2026-07-10', 'r1', [['TUITION', 900]]]),
    ],
    expect: { status: 200, fees: [['TUITION', 900]], schedule: [['2026-07-10', ['TUITION', 900]]] },
  }),
  example({
    name: 'a component that the schedule lacks',
    rule: 'BUS has 200 net and 0 in the schedule: not coherent.',
    said: [enrolled(), twoFees, scheduled(['2026-07-10', 'r1', [['TUITION', 600]]])],
    expect: 'incoherent',
  }),
  example({
    name: 'a component that only the schedule has',
    rule: 'MEALS has no fee and 5 in the schedule: not coherent.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-07-10', 'r1', [['TUITION', 1000]]], ['2026-08-10', 'r2', [['MEALS', 5]]]),
    ],
    expect: 'incoherent',
  }),
  example({
    name: 'a cleared schedule',
    rule: 'Without a schedule there is nothing to agree with, and none is shown.',
    said: [enrolled(), thousand, halves, changed('TUITION', 1100), cleared()],
    expect: { status: 200, fees: [['TUITION', 1100]] },
  }),
  example({
    name: 'a snapshot with everything',
    rule: 'A snapshot is the whole truth of what it lists: 1000 less 100, less the 250 that it lists as paid.',
    said: [
      enrolled(),
      assessed([['OLD', 1]]),
      paid('p0', 1),
      snapshot(
        listed([['TUITION', 1000]], {
          discounts: [{ discount_id: 'd1', component_type: 'TUITION', percent: 10 }],
          payments: [{ payment_id: 'p1', amount: 250, paid_on: '2026-05-01' }],
          payment_schedule: plan(['2026-07-10', 'r1', [['TUITION', 400]]], ['2026-10-10', 'r2', [['TUITION', 500]]]),
        }),
      ),
    ],
    expect: {
      status: 200,
      fees: [['TUITION', 650]],
      schedule: [
        ['2026-07-10', ['TUITION', 150]],
        ['2026-10-10', ['TUITION', 500]],
      ],
    },
  }),
  example({
    name: 'the order of payments in a snapshot',
    rule: 'The order of its list counts, not what was known: p2 takes TUITION in July, p1 pays TUITION in October.',
    said: [
      enrolled(),
      paid('p1', 300, allocated(['TUITION', 300])),
      snapshot(
        listed(
          [
            ['TUITION', 600],
            ['BUS', 200],
          ],
          {
            payments: [
              { payment_id: 'p2', amount: 300, paid_on: '2026-05-01', ...allocated(['TUITION', 300, 'r1']) },
              { payment_id: 'p1', amount: 300, paid_on: '2026-05-01', ...allocated(['TUITION', 300]) },
            ],
            payment_schedule: plan(
              [
                '2026-07-10',
                'r1',
                [
                  ['TUITION', 300],
                  ['BUS', 100],
                ],
              ],
              [
                '2026-10-10',
                'r2',
                [
                  ['TUITION', 300],
                  ['BUS', 100],
                ],
              ],
            ),
          },
        ),
      ),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 0],
        ['BUS', 200],
      ],
      schedule: [
        ['2026-07-10', ['BUS', 100]],
        ['2026-10-10', ['BUS', 100]],
      ],
    },
  }),
]
