import { expect, test } from 'vitest'
import type { Said } from '../../golden/example.ts'
import {
  as,
  assessed,
  discontinued,
  enrolled,
  granted,
  paid,
  plan,
  reversed,
  say,
  transferred,
} from '../../golden/said.ts'
import { bodyOf, tell } from '../../support/tell.ts'

/** One school year of one child, event by event, and what the family owes after each, instalment by instalment. */

const B2 = { collector_code: 'BLR-02' }
const CLASS_6 = { ...B2, grade: '6', academic_year_start: '2027', academic_year_end: '2028' }
const schedule = (...parts: Parameters<typeof plan>) => ({ payment_schedule: plan(...parts) })
const charge = (data: object, student: object = {}) => say('erp.charge.added.v1', data, student)

type Expected = string | { readonly [component: string]: number }
type Step = readonly [what: string, event: Said, owed: Expected, instalments?: readonly (readonly [string, number])[]]

const STEPS: readonly Step[] = [
  ['admission', enrolled({ new_admission: true }), 'incoherent'],
  [
    'fees',
    assessed([
      ['TUITION', 30_000],
      ['BUS', 6000],
    ]),
    { TUITION: 30_000, BUS: 6000 },
  ],
  [
    'a concession and the schedule that follows from it, as one',
    say('erp.student.changed.v1', {
      changes: [
        { type: 'erp.discount.granted.v1', data: { discount_id: 'sibling', component_type: 'TUITION', percent: 10 } },
        {
          type: 'erp.schedule.set.v1',
          data: schedule(
            [
              '2026-07-01',
              'r1',
              [
                ['TUITION', 9000],
                ['BUS', 2000],
              ],
            ],
            [
              '2026-10-01',
              'r2',
              [
                ['TUITION', 9000],
                ['BUS', 2000],
              ],
            ],
            [
              '2027-01-01',
              'r3',
              [
                ['TUITION', 9000],
                ['BUS', 2000],
              ],
            ],
          ),
        },
      ],
    }),
    { TUITION: 27_000, BUS: 6000 },
    [
      ['r1', 11_000],
      ['r2', 11_000],
      ['r3', 11_000],
    ],
  ],
  [
    'the first instalment at the counter',
    paid('rcpt-1', 11_000),
    { TUITION: 18_000, BUS: 4000 },
    [
      ['r1', 0],
      ['r2', 11_000],
      ['r3', 11_000],
    ],
  ],
  [
    'the second by cheque, which is pending',
    paid('chq-2', 11_000, { status: 'pending' }),
    { TUITION: 9000, BUS: 2000 },
    [
      ['r1', 0],
      ['r2', 0],
      ['r3', 11_000],
    ],
  ],
  [
    'the cheque bounces',
    reversed('chq-2'),
    { TUITION: 18_000, BUS: 4000 },
    [
      ['r1', 0],
      ['r2', 11_000],
      ['r3', 11_000],
    ],
  ],
  [
    'a charge for it joins the instalment',
    charge({ charge_id: 'bounce-2', component_type: 'CHEQUE_BOUNCE', amount: 500, reference_id: 'r2' }),
    { TUITION: 18_000, BUS: 4000, CHEQUE_BOUNCE: 500 },
    [
      ['r1', 0],
      ['r2', 11_500],
      ['r3', 11_000],
    ],
  ],
  [
    'a late fine with a day of its own',
    charge({ charge_id: 'fine-2', component_type: 'LATE_FINE', amount: 250, due_date: '2026-10-11' }),
    { TUITION: 18_000, BUS: 4000, CHEQUE_BOUNCE: 500, LATE_FINE: 250 },
    [
      ['r1', 0],
      ['r2', 11_500],
      ['r3', 11_000],
      ['fine-2', 250],
    ],
  ],
  [
    'the partner collects the second instalment and both charges: it is placed, but not taken off',
    paid('jodo-2', 11_750, { collected_by: 'jodo' }),
    { TUITION: 18_000, BUS: 4000, CHEQUE_BOUNCE: 500, LATE_FINE: 250 },
    [
      ['r1', 0],
      ['r2', 11_500],
      ['r3', 11_000],
      ['fine-2', 250],
    ],
  ],
  [
    'the third at the counter pays the third',
    paid('rcpt-3', 11_000),
    { TUITION: 9000, BUS: 2000, CHEQUE_BOUNCE: 500, LATE_FINE: 250 },
    [
      ['r1', 0],
      ['r2', 11_500],
      ['r3', 0],
      ['fine-2', 250],
    ],
  ],
]

const MOVED: readonly Step[] = [
  [
    'a transfer to another branch carries everything',
    transferred(B2),
    { TUITION: 9000, BUS: 2000, CHEQUE_BOUNCE: 500, LATE_FINE: 250 },
    [
      ['r1', 0],
      ['r2', 11_500],
      ['r3', 0],
      ['fine-2', 250],
    ],
  ],
  ['promotion carries the profile alone', transferred(CLASS_6, {}, B2), 'incoherent'],
  ['the fees of the new year', assessed([['TUITION', 33_000]], CLASS_6), { TUITION: 33_000 }],
  [
    'arrears of the old year as a charge',
    charge({ charge_id: 'arrears-2026', component_type: 'ARREARS', amount: 11_750, due_date: '2027-04-15' }, CLASS_6),
    { TUITION: 33_000, ARREARS: 11_750 },
  ],
  ['a leaving certificate', discontinued({ message: 'Certificate 71.' }, CLASS_6), 'student_discontinued'],
]

const owedAfter = (events: readonly Said[], place: number): { owed: unknown; instalments: unknown } => {
  const told = tell(...events)
  const body = bodyOf(told, place)
  if (body === null) return { owed: 'incoherent', instalments: undefined }
  if (body.status !== 'success') return { owed: body.code, instalments: undefined }
  return {
    owed: Object.fromEntries(body.data.fee_components.map((fee) => [fee.component_type, fee.fee_amount])),
    instalments: body.data.payment_schedule?.map((entry) => [
      (entry as unknown as { reference_id: string }).reference_id,
      entry.details.reduce((sum, { amount }) => sum + amount, 0),
    ]),
  }
}

const all = [...STEPS, ...MOVED]
const placeAt = (step: number): number => Math.max(0, Math.min(step - STEPS.length + 1, 2))

test.each(all.map(([what], step) => [step, what] as const))('step %i: %s', (step) => {
  const events = all
    .slice(0, step + 1)
    .map(([, event], at) =>
      as(event, { time: new Date(Date.parse('2026-06-01T03:30:00Z') + at * 86_400_000).toISOString() }),
    )
  const [, , owed, instalments] = all[step]!
  expect(owedAfter(events, placeAt(step))).toEqual({ owed, instalments })
})

test('the old places say where the child has gone', () => {
  const told = tell(...all.map(([, event]) => event))
  expect([0, 1].map((place) => bodyOf(told, place)?.code)).toEqual(['student_transferred', 'student_transferred'])
})

test('a concession above what is left never makes a fee negative', () => {
  const told = tell(
    enrolled(),
    assessed([['TUITION', 100]]),
    granted('a', 'TUITION', { amount: 80 }),
    granted('b', 'TUITION', { percent: 50 }),
  )
  expect(bodyOf(told)!.data.fee_components).toEqual([{ component_type: 'TUITION', fee_amount: 0 }])
})
