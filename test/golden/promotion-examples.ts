import { type Example, example } from './example.ts'
import { assessed, charged, discontinued, enrolled, paid, transferred } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const next = { grade: '6', academic_year_start: '2027', academic_year_end: '2028' }
const promoted = [enrolled(), thousand, paid('p1', 1000), transferred(next)] as const

/** Into the next year the profile alone goes along. */
export const promotionExamples: readonly Example[] = [
  example({
    name: 'last year after a promotion',
    rule: 'It has been left by a transfer.',
    said: [...promoted, assessed([['TUITION', 1200]], next)],
    expect: { status: 422, code: 'student_transferred' },
  }),
  example({
    name: 'the new year before its fees are assessed',
    rule: 'Last year’s money stays with last year: nothing is assessed yet.',
    said: promoted,
    of: next,
    expect: 'incoherent',
  }),
  example({
    name: 'the new year once its fees are assessed',
    rule: 'Last year’s payment pays nothing of it: 1200.',
    said: [...promoted, assessed([['TUITION', 1200]], next)],
    of: next,
    expect: { status: 200, fees: [['TUITION', 1200]] },
  }),
  example({
    name: 'arrears from last year',
    rule: 'What was left of last year is a charge of the new one: 1200 and 400.',
    said: [
      enrolled(),
      thousand,
      paid('p1', 600),
      transferred(next),
      assessed([['TUITION', 1200]], next),
      charged('arrears-2026', 'ARREARS', 400, { due_date: '2027-06-01' }, next),
    ],
    of: next,
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1200],
        ['ARREARS', 400],
      ],
    },
  }),
  example({
    name: 'a promotion into a year that was prepared',
    rule: 'An active enrolment of another year is left as it is.',
    said: [enrolled(), thousand, enrolled({}, next), assessed([['TUITION', 1200]], next), transferred(next)],
    of: next,
    expect: { status: 200, fees: [['TUITION', 1200]] },
  }),
  example({
    name: 'a promotion into a year that had been cancelled',
    rule: 'It is active again and unsettled: nobody but its publisher knows what counts there.',
    said: [
      enrolled(),
      thousand,
      enrolled({}, next),
      assessed([['TUITION', 1200]], next),
      discontinued({}, next),
      transferred(next),
    ],
    of: next,
    expect: 'incoherent',
  }),
]
