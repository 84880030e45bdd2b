import { type Example, example } from './example.ts'
import { assessed, changed, discontinued, enrolled, paid, reinstated } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
/** Who is active, who has left, and from when on. */
export const leavingExamples: readonly Example[] = [
  example({
    name: 'a leaving at once',
    rule: 'Without a date a leaving holds at once, with the message of the ERP.',
    said: [enrolled(), thousand, discontinued({ message: 'Left on request' })],
    expect: { status: 422, code: 'student_discontinued', message: 'Left on request' },
  }),
  example({
    name: 'a leaving without a message, and without an assessment',
    rule: 'A definite fact needs no money: coherence is asked of an answer with money only.',
    said: [enrolled(), discontinued()],
    expect: { status: 422, code: 'student_discontinued' },
  }),
  example({
    name: 'the day before a dated leaving',
    rule: 'Before its date the standing is what it was.',
    said: [enrolled(), thousand, discontinued({ effective_on: '2026-07-01' })],
    asOf: '2026-06-30',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'the day of a dated leaving',
    rule: 'From that date on the student has left, with no further event.',
    said: [enrolled(), thousand, discontinued({ effective_on: '2026-07-01' })],
    asOf: '2026-07-01',
    expect: { status: 422, code: 'student_discontinued' },
  }),
  example({
    name: 'a leaving that is put off',
    rule: 'The last leaving replaces the former one that had not begun: on 2 July the student is still there.',
    said: [
      enrolled(),
      thousand,
      discontinued({ effective_on: '2026-07-01' }),
      discontinued({ effective_on: '2026-08-01' }),
    ],
    asOf: '2026-07-02',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a leaving postponed after it had come',
    rule: 'The last one replaces the former: before its date the student has not left.',
    said: [
      enrolled(),
      thousand,
      discontinued({ message: 'former' }),
      discontinued({ effective_on: '2026-08-01', message: 'new' }),
    ],
    asOf: '2026-07-02',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a dated leaving of one who has left, on its date',
    rule: 'From its date the new one counts.',
    said: [
      enrolled(),
      thousand,
      discontinued({ message: 'former' }),
      discontinued({ effective_on: '2026-08-01', message: 'new' }),
    ],
    asOf: '2026-08-01',
    expect: { status: 422, code: 'student_discontinued', message: 'new' },
  }),
  example({
    name: 'a student reinstated',
    rule: 'Active again, and what was known of money still holds.',
    said: [enrolled(), thousand, discontinued(), reinstated()],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a reinstatement before the date of leaving',
    rule: 'It cancels the announced leaving.',
    said: [enrolled(), thousand, discontinued({ effective_on: '2026-07-01' }), reinstated()],
    asOf: '2026-07-02',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a student enrolled again',
    rule: 'Active again, but a nightly list is no reason to debit: unsettled until the ERP reinstates or lists.',
    said: [enrolled(), thousand, paid('p1', 400), discontinued(), enrolled()],
    expect: 'incoherent',
  }),
  example({
    name: 'fees while discontinued',
    rule: 'Facts go on being kept: the fee raised meanwhile holds after the return.',
    said: [enrolled(), thousand, discontinued(), changed('TUITION', 1200), reinstated()],
    expect: { status: 200, fees: [['TUITION', 1200]] },
  }),
]
