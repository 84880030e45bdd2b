import { type Example, example } from './example.ts'
import { as, assessed, discontinued, enrolled, listed, paid, reinstated, snapshot, transferred } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const said = [enrolled(), thousand] as const
const july = discontinued({ effective_on: '2026-07-31', message: 'Leaves in July' })
const asLeft = (data: object = {}) => snapshot(listed([['TUITION', 1000]], { status: 'discontinued', ...data }))

/** Leavings that are announced, corrected, undated, listed every night, and taken back. */
export const certificateExamples: readonly Example[] = [
  example({
    name: 'a leaving that is postponed after its day had come',
    rule: 'The last one replaces the former: before August the student is as if none had come.',
    said: [...said, discontinued({ effective_on: '2026-05-31' }), discontinued({ effective_on: '2026-08-31' })],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a leaving that is brought forward',
    rule: 'The last one counts, from its day on.',
    said: [...said, july, discontinued({ effective_on: '2026-06-10', message: 'Left in June' })],
    expect: { status: 422, code: 'student_discontinued', message: 'Left in June' },
  }),
  example({
    name: 'an admission that is cancelled',
    rule: 'What was paid is no matter of an answer without money.',
    said: [...said, paid('p1', 300), discontinued({ message: 'Admission cancelled' })],
    expect: { status: 422, code: 'student_discontinued', message: 'Admission cancelled' },
  }),
  example({
    name: 'a nightly enrolled for a child that left',
    rule: 'Active again but unsettled: not payable by mistake.',
    said: [...said, discontinued(), enrolled()],
    expect: 'incoherent',
  }),
  example({
    name: 'a nightly enrolled for a child that left, and the office that confirms it',
    rule: 'A reinstatement settles what an enrolled after a leaving had unsettled.',
    said: [...said, discontinued(), enrolled(), reinstated()],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a re-admission after two years',
    rule: 'The list says what is due now: 1500, and nothing of what was before.',
    said: [...said, paid('p1', 400), discontinued(), enrolled(), snapshot(listed([['TUITION', 1500]]))],
    expect: { status: 200, fees: [['TUITION', 1500]] },
  }),
  example({
    name: 'fees that are assessed anew for an unsettled one',
    rule: 'No single fact settles: what was paid before may count or not.',
    said: [...said, paid('p1', 400), discontinued(), enrolled(), assessed([['TUITION', 1500]])],
    expect: 'incoherent',
  }),
  example({
    name: 'a nightly enrolled before an announced leaving',
    rule: 'The leaving stays announced and the student is settled.',
    said: [...said, july, enrolled()],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'the announced leaving after a nightly enrolled',
    rule: 'It comes into force on its day.',
    said: [...said, july, enrolled()],
    asOf: '2026-07-31',
    expect: { status: 422, code: 'student_discontinued', message: 'Leaves in July' },
  }),
  example({
    name: 'a child that moved away and is enrolled again by mistake',
    rule: 'Active and unsettled; a reinstatement does not know the money either.',
    said: [...said, transferred({ grade: '6' }), enrolled(), reinstated()],
    expect: 'incoherent',
  }),
  example({
    name: 'a child that moved away and is reinstated',
    rule: 'Its money went along: unsettled.',
    said: [...said, transferred({ grade: '6' }), reinstated()],
    expect: 'incoherent',
  }),
  example({
    name: 'a certificate without a day, listed every night',
    rule: 'Left at once, and left it stays.',
    said: [...said, discontinued({ message: 'TC issued' }), asLeft({ message: 'TC issued' })],
    expect: { status: 422, code: 'student_discontinued', message: 'TC issued' },
  }),
  example({
    name: 'a list that has let go a child who is to leave in July',
    rule: 'List and announcement disagree: unsettled until that day.',
    said: [...said, july, asLeft()],
    expect: 'incoherent',
  }),
  example({
    name: 'the day on which list and announcement agree',
    rule: 'The day that was known is kept: from then on the student has left.',
    said: [...said, july, asLeft()],
    asOf: '2026-07-31',
    expect: { status: 422, code: 'student_discontinued' },
  }),
  example({
    name: 'a disagreement that the office decides for staying',
    rule: 'A reinstatement cancels the leaving and settles.',
    said: [...said, july, asLeft(), reinstated()],
    asOf: '2026-08-05',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a disagreement that the office decides for going',
    rule: 'Another leaving decides: at once.',
    said: [...said, july, asLeft(), discontinued({ message: 'Gone' })],
    expect: { status: 422, code: 'student_discontinued', message: 'Gone' },
  }),
  example({
    name: 'a disagreement that is decided for a later day',
    rule: 'Another leaving decides: the student is active and settled until its day.',
    said: [...said, july, asLeft(), discontinued({ effective_on: '2026-08-31' })],
    asOf: '2026-08-05',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a list that corrects the day',
    rule: 'A day that is listed replaces the one that was known.',
    said: [...said, july, asLeft({ effective_on: '2026-06-10' })],
    expect: { status: 422, code: 'student_discontinued' },
  }),
  example({
    name: 'a list that takes a leaving back',
    rule: 'Listed as active is active, and settled.',
    said: [...said, discontinued(), snapshot(listed([['TUITION', 1000]]))],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a leaving by the branch’s day, not by London’s',
    rule: 'Whether it has come is asked of the event’s day in India: 1 June, 00:10 there.',
    said: [
      as(enrolled(), { time: '2026-05-01T00:00:00Z' }),
      as(thousand, { time: '2026-05-01T00:01:00Z' }),
      as(discontinued({ effective_on: '2026-06-01' }), { time: '2026-05-01T00:02:00Z' }),
      as(enrolled(), { time: '2026-05-31T18:40:00Z' }),
    ],
    expect: 'incoherent',
  }),
]
