import { type Example, example } from './example.ts'
import { as, assessed, changed, enrolled, erased, listed, paid, reversed, STUDENT, say, snapshot } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const nth = (sequence: number | string, said: Parameters<typeof as>[0], attributes: object = {}) =>
  as(said, { sequence, ...attributes })

/** Sequences, repeats, conflicts, broken events, and how a student heals. */
export const orderExamples: readonly Example[] = [
  example({
    name: 'events in another order than their numbers',
    rule: 'They apply by number: 1000, then 1100, then 1200.',
    said: [nth(1, enrolled()), nth(4, changed('TUITION', 1200)), nth(3, changed('TUITION', 1100)), nth(2, thousand)],
    expect: { status: 200, fees: [['TUITION', 1200]] },
  }),
  example({
    name: 'a missing number',
    rule: 'Number 2 is missing: what it says may change the balance, so the student is suspect.',
    said: [nth(1, enrolled()), nth(3, thousand)],
    expect: 'suspect',
  }),
  example({
    name: 'a first number that is not 1',
    rule: 'The first must be 1, or a snapshot.',
    said: [nth(2, enrolled()), nth(3, thousand)],
    expect: 'suspect',
  }),
  example({
    name: 'a first number that is a snapshot',
    rule: 'A snapshot may be the first; the sequence goes on after it.',
    said: [nth(7, snapshot(listed([['TUITION', 300]]))), nth(8, changed('TUITION', 310))],
    expect: { status: 200, fees: [['TUITION', 310]] },
  }),
  example({
    name: 'numbers after a snapshot without one',
    rule: 'Where no number was seen, whatever comes next is the first.',
    said: [snapshot(listed([['TUITION', 300]])), nth(41, changed('TUITION', 310)), nth(42, changed('TUITION', 320))],
    expect: { status: 200, fees: [['TUITION', 320]] },
  }),
  example({
    name: 'numbers as text with zeros, and as a number',
    rule: '"0001" is 1 and 2 is 2.',
    said: [nth('0001', enrolled()), nth(2, thousand)],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'the same payment event twice',
    rule: 'The same source and id again is a duplicate: a payment reversed meanwhile does not come back.',
    said: [
      enrolled(),
      thousand,
      as(paid('p1', 400), { id: 'x', time: '2026-06-01T10:00:00Z' }),
      reversed('p1'),
      as(paid('p1', 400), { id: 'x', time: '2026-06-01T10:00:00Z' }),
    ],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'the same id with another content',
    rule: 'It is a conflict: one of the two is wrong, and nobody knows which.',
    said: [
      enrolled(),
      thousand,
      as(paid('p1', 400), { id: 'x', time: '2026-06-01T10:00:00Z' }),
      as(paid('p1', 500), { id: 'x', time: '2026-06-01T10:00:00Z' }),
    ],
    expect: 'suspect',
  }),
  example({
    name: 'the same id of another source',
    rule: 'An id means nothing without its source: both count, 1000 less 400 less 500.',
    said: [
      enrolled(),
      thousand,
      as(paid('p1', 400), { id: 'x' }),
      as(paid('p2', 500), { id: 'x', source: '/erp/cash' }),
    ],
    expect: { status: 200, fees: [['TUITION', 100]] },
  }),
  example({
    name: 'a number used twice',
    rule: 'Number 2 under another id is a conflict.',
    said: [nth(1, enrolled()), nth(2, thousand), nth(2, changed('TUITION', 1100))],
    expect: 'suspect',
  }),
  example({
    name: 'an event without a number from a source that numbers',
    rule: 'Its place among the others is unknown: a conflict.',
    said: [nth(1, enrolled()), nth(2, thousand), changed('TUITION', 1100)],
    expect: 'suspect',
  }),
  example({
    name: 'two sources, one with numbers and one without',
    rule: 'Numbers count per source: the other source needs none.',
    said: [
      nth(1, enrolled()),
      nth(2, thousand),
      as(paid('p1', 400), { source: '/erp/cash' }),
      nth(3, changed('TUITION', 1100)),
    ],
    expect: { status: 200, fees: [['TUITION', 700]] },
  }),
  example({
    name: 'a payment before its enrolment',
    rule: 'An event for an enrolment that is not there waits: the student is suspect.',
    said: [as(paid('p1', 400), { source: '/erp/cash' })],
    expect: 'suspect',
  }),
  example({
    name: 'a payment before its enrolment, and then the enrolment',
    rule: 'What waited applies as soon as the enrolment is there: 1000 less 400.',
    said: [as(paid('p1', 400), { source: '/erp/cash' }), enrolled(), thousand],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a payment before a snapshot that lists its enrolment',
    rule: 'The snapshot answers for all money of what it lists: the waiting 400 are settled, not counted again.',
    said: [as(paid('p1', 400), { source: '/erp/cash' }), snapshot(listed([['TUITION', 1000]]))],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a broken amount',
    rule: '1.005 is no amount: a fee event that cannot be read may have changed the balance.',
    said: [enrolled(), thousand, changed('TUITION', 1.005)],
    expect: 'suspect',
  }),
  example({
    name: 'an unknown kind of event of an ERP',
    rule: 'What an ERP says and nobody understands may be about money.',
    said: [enrolled(), thousand, say('erp.fee.frozen.v1')],
    expect: 'suspect',
  }),
  example({
    name: 'an event of somebody else altogether',
    rule: 'Types that are not of an ERP are ignored.',
    said: [enrolled(), thousand, say('com.example.library.book-lent')],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a foreign event with a number',
    rule: 'It is ignored but has its turn: 3 may follow 2.',
    said: [nth(1, enrolled()), nth(2, say('com.example.library.book-lent')), nth(3, thousand)],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a broken event corrected under its number',
    rule: 'An accepted event with the number of a broken one closes it.',
    said: [nth(1, enrolled()), nth(2, changed('TUITION', '1e2')), nth(2, changed('TUITION', 100))],
    expect: { status: 200, fees: [['TUITION', 100]] },
  }),
  example({
    name: 'a broken event sent again unchanged',
    rule: 'It is a duplicate of its dead letter and changes nothing: the snapshot between has healed the student.',
    said: [
      enrolled(),
      as(changed('TUITION', '1e2'), { id: 'x', time: '2026-06-01T03:31:00Z' }),
      snapshot(listed([['TUITION', 300]])),
      as(changed('TUITION', '1e2'), { id: 'x', time: '2026-06-01T03:31:00Z' }),
    ],
    expect: { status: 200, fees: [['TUITION', 300]] },
  }),
  example({
    name: 'a snapshot ahead of its number',
    rule: 'It is accepted at once and settles the hole; the sequence goes on after it.',
    said: [
      nth(1, enrolled()),
      nth(3, paid('p1', 400)),
      nth(5, snapshot(listed([['TUITION', 300]]))),
      nth(6, changed('TUITION', 310)),
    ],
    expect: { status: 200, fees: [['TUITION', 310]] },
  }),
  example({
    name: 'a missing number that comes after a snapshot settled it',
    rule: 'It happened before the snapshot, so the snapshot knows it: a duplicate, not counted again.',
    said: [
      nth(1, enrolled()),
      nth(3, snapshot(listed([['TUITION', 300]]))),
      nth(2, paid('p1', 100), { time: '2026-06-01T09:00:30+05:30' }),
    ],
    expect: { status: 200, fees: [['TUITION', 300]] },
  }),
  example({
    name: 'a number below a snapshot that happened after it',
    rule: 'The snapshot cannot know it, and its number says that it should: a conflict.',
    said: [
      nth(1, enrolled()),
      nth(3, snapshot(listed([['TUITION', 300]]))),
      nth(2, paid('p1', 100), { time: '2026-06-01T12:00:00+05:30' }),
    ],
    expect: 'suspect',
  }),
  example({
    name: 'a held event after a snapshot without a number',
    rule: 'The snapshot settles what its source left open, the held 3 with it, and the sequence goes on with 4.',
    said: [
      nth(1, enrolled()),
      nth(3, paid('p1', 400)),
      snapshot(listed([['TUITION', 300]])),
      nth(4, changed('TUITION', 310)),
    ],
    expect: { status: 200, fees: [['TUITION', 310]] },
  }),
  example({
    name: 'a hole of another source under a snapshot',
    rule: 'A snapshot settles what its own source left open; the hole of the other one stays.',
    said: [
      enrolled(),
      thousand,
      nth(2, paid('p1', 400), { source: '/erp/cash' }),
      snapshot(listed([['TUITION', 300]])),
    ],
    expect: 'suspect',
  }),
  example({
    name: 'an erasure with a hole open',
    rule: 'It needs no number, forgets what is held, and the sequence goes on after the highest number seen.',
    said: [
      nth(1, enrolled()),
      nth(3, paid('p1', 400)),
      erased(),
      nth(4, enrolled()),
      nth(5, assessed([['TUITION', 200]])),
    ],
    expect: { status: 200, fees: [['TUITION', 200]] },
  }),
  example({
    name: 'an identifier that is a number',
    rule: 'A whole number is its decimal text, so this is about another student: S-1 is unknown.',
    said: [say('erp.fees.assessed.v1', { fee_components: [] }, { ...STUDENT, identifier: 2026 })],
    expect: 'unknown',
  }),
]
