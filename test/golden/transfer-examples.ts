import { type Example, example } from './example.ts'
import {
  as,
  assessed,
  changed,
  discontinued,
  enrolled,
  erased,
  listed,
  paid,
  snapshot,
  transferred,
  updated,
} from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const inGrade6 = { grade: '6' }
const lastYear = { academic_year_start: '2025', academic_year_end: '2026' }

/** Who has been moved where, what a snapshot lists, and who is forgotten. */
export const transferExamples: readonly Example[] = [
  example({
    name: 'the old place after a transfer',
    rule: 'It answers student_transferred with the message of the transfer.',
    said: [enrolled(), thousand, transferred(inGrade6, { message: 'Moved up' })],
    expect: { status: 422, code: 'student_transferred', message: 'Moved up' },
  }),
  example({
    name: 'the new place after a transfer',
    rule: 'It is created with all money of the old one: 1000 less 400.',
    said: [enrolled(), thousand, paid('p1', 400), transferred(inGrade6)],
    of: inGrade6,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a transfer to no branch',
    rule: 'A null branch is no branch, a place of its own.',
    said: [enrolled(), thousand, transferred({ collector_code: null })],
    of: { collector_code: null },
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a transfer there and back',
    rule: 'The way back carries everything, with what came in between: 1000 less 100 less 300.',
    said: [
      enrolled(),
      thousand,
      paid('p1', 100),
      transferred(inGrade6),
      paid('p2', 300, {}, inGrade6),
      transferred({ grade: '5' }, {}, inGrade6),
    ],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a transfer onto an active enrolment',
    rule: 'It has money of its own: which of the two counts, only its publisher knows.',
    said: [enrolled(), thousand, enrolled({}, inGrade6), assessed([['BUS', 70]], inGrade6), transferred(inGrade6)],
    of: inGrade6,
    expect: 'incoherent',
  }),
  example({
    name: 'a transfer onto a discontinued enrolment',
    rule: 'It becomes active but nobody knows its money: not assessed until a snapshot lists it.',
    said: [
      enrolled(),
      thousand,
      enrolled({}, inGrade6),
      assessed([['BUS', 70]], inGrade6),
      discontinued({}, inGrade6),
      transferred(inGrade6),
      assessed([['BUS', 80]], inGrade6),
    ],
    of: inGrade6,
    expect: 'incoherent',
  }),
  example({
    name: 'a promotion onto an enrolment that was to end',
    rule: 'Into another year an active target is left as it is, but its announced leaving ends.',
    said: [
      enrolled({}, lastYear),
      enrolled({}, inGrade6),
      assessed([['BUS', 70]], inGrade6),
      discontinued({ effective_on: '2026-07-01' }, inGrade6),
      transferred({ grade: '6', academic_year_start: '2026' }, {}, lastYear),
    ],
    of: inGrade6,
    asOf: '2026-07-05',
    expect: { status: 200, fees: [['BUS', 70]] },
  }),
  example({
    name: 'the same transfer again',
    rule: 'The same target again has no effect; the student stays healthy.',
    said: [enrolled(), thousand, transferred(inGrade6), transferred(inGrade6)],
    of: inGrade6,
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'another transfer of one that is gone',
    rule: 'Transferring what is not active is poison: the student is suspect.',
    said: [enrolled(), thousand, transferred(inGrade6), transferred({ grade: '7' })],
    of: inGrade6,
    expect: 'suspect',
  }),
  example({
    name: 'a fee for the old place after a transfer',
    rule: 'It cannot reach the copy, so it is poison.',
    said: [enrolled(), thousand, transferred(inGrade6), changed('TUITION', 1200)],
    of: inGrade6,
    expect: 'suspect',
  }),
  example({
    name: 'a leaving of one that was transferred away',
    rule: 'It has no effect: the answer stays student_transferred.',
    said: [enrolled(), thousand, transferred(inGrade6), discontinued()],
    expect: { status: 422, code: 'student_transferred' },
  }),
  example({
    name: 'one transferred away and enrolled again',
    rule: 'Active, but its money went with the transfer: not assessed until a snapshot lists it.',
    said: [enrolled(), thousand, transferred(inGrade6), enrolled(), thousand],
    expect: 'incoherent',
  }),
  example({
    name: 'one transferred away, enrolled again, and listed by a snapshot',
    rule: 'The snapshot knows its money.',
    said: [enrolled(), thousand, transferred(inGrade6), enrolled(), snapshot(listed([['TUITION', 300]]))],
    expect: { status: 200, fees: [['TUITION', 300]] },
  }),
  example({
    name: 'what a snapshot does not list',
    rule: 'An enrolment of the same source that is not listed is gone.',
    said: [enrolled({}, inGrade6), snapshot(listed([['TUITION', 300]]))],
    of: inGrade6,
    expect: 'unknown',
  }),
  example({
    name: 'what a snapshot of another source does not list',
    rule: 'An enrolment that belongs to another source stays.',
    said: [
      as(enrolled({}, inGrade6), { source: '/erp/other' }),
      as(assessed([['BUS', 70]], inGrade6), { source: '/erp/other' }),
      snapshot(listed([['TUITION', 300]])),
    ],
    of: inGrade6,
    expect: { status: 200, fees: [['BUS', 70]] },
  }),
  example({
    name: 'a snapshot that lists one as leaving later',
    rule: 'The listed date counts as that of a leaving.',
    said: [snapshot(listed([['TUITION', 300]], { status: 'discontinued', effective_on: '2026-07-01' }))],
    asOf: '2026-06-30',
    expect: { status: 200, fees: [['TUITION', 300]] },
  }),
  example({
    name: 'an erased student',
    rule: 'Everything is forgotten.',
    said: [enrolled(), thousand, erased()],
    expect: 'unknown',
  }),
  example({
    name: 'events for an erased student',
    rule: 'They are ignored until the student is enrolled anew; then only what comes after counts.',
    said: [enrolled(), thousand, erased(), updated({ fullname: 'X' }), paid('p1', 5), enrolled(), assessed([['A', 9]])],
    expect: { status: 200, fees: [['A', 9]] },
  }),
]
