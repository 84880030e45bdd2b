import { type Example, example } from './example.ts'
import { allocated, assessed, enrolled, paid, reversed, scheduled } from './said.ts'

const twoFees = assessed([
  ['TUITION', 600],
  ['BUS', 200],
])
const twoFeesPlan = scheduled(
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
)

/** Payments that name components and instalments of a schedule. */
export const allocationExamples: readonly Example[] = [
  example({
    name: 'an unallocated payment over entries with two components',
    rule: '450 pay July whole (300 + 100) and then 50 of TUITION in October.',
    said: [enrolled(), twoFees, twoFeesPlan, paid('p1', 450)],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 250],
        ['BUS', 100],
      ],
      schedule: [['2026-10-10', ['TUITION', 250], ['BUS', 100]]],
    },
  }),
  example({
    name: 'an allocation to one instalment',
    rule: 'A reference names the instalment: 120 come off TUITION in October, not in July.',
    said: [enrolled(), twoFees, twoFeesPlan, paid('p1', 120, allocated(['TUITION', 120, 'r2']))],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 480],
        ['BUS', 200],
      ],
      schedule: [
        ['2026-07-10', ['TUITION', 300], ['BUS', 100]],
        ['2026-10-10', ['TUITION', 180], ['BUS', 100]],
      ],
    },
  }),
  example({
    name: 'an allocation without a reference',
    rule: 'It pays the details of its component, oldest first: 350 TUITION are 300 in July and 50 in October.',
    said: [enrolled(), twoFees, twoFeesPlan, paid('p1', 350, allocated(['TUITION', 350]))],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 250],
        ['BUS', 200],
      ],
      schedule: [
        ['2026-07-10', ['BUS', 100]],
        ['2026-10-10', ['TUITION', 250], ['BUS', 100]],
      ],
    },
  }),
  example({
    name: 'an allocation with a reference that nobody knows',
    rule: 'An unknown reference is as none: 80 BUS come off the oldest BUS detail.',
    said: [enrolled(), twoFees, twoFeesPlan, paid('p1', 80, allocated(['BUS', 80, 'r9']))],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 600],
        ['BUS', 120],
      ],
      schedule: [
        ['2026-07-10', ['TUITION', 300], ['BUS', 20]],
        ['2026-10-10', ['TUITION', 300], ['BUS', 100]],
      ],
    },
  }),
  example({
    name: 'an allocation to an instalment that lacks the component',
    rule: 'The reference is of no use there, so BUS is paid oldest first, here in October.',
    said: [
      enrolled(),
      twoFees,
      scheduled(['2026-07-10', 'r1', [['TUITION', 600]]], ['2026-10-10', 'r2', [['BUS', 200]]]),
      paid('p1', 50, allocated(['BUS', 50, 'r1'])),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 600],
        ['BUS', 150],
      ],
      schedule: [
        ['2026-07-10', ['TUITION', 600]],
        ['2026-10-10', ['BUS', 150]],
      ],
    },
  }),
  example({
    name: 'an allocation beyond its instalment',
    rule: 'Only 100 fit on BUS in October; 60 join the rest, which pays July from its first detail.',
    said: [enrolled(), twoFees, twoFeesPlan, paid('p1', 160, allocated(['BUS', 160, 'r2']))],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 540],
        ['BUS', 100],
      ],
      schedule: [
        ['2026-07-10', ['TUITION', 240], ['BUS', 100]],
        ['2026-10-10', ['TUITION', 300]],
      ],
    },
  }),
  example({
    name: 'an earlier payment takes what a later one names',
    rule: 'Allocations go in the order of first recording: p1 takes July, so 300 of p2 for July go to October as a rest.',
    said: [
      enrolled(),
      assessed([['TUITION', 600]]),
      scheduled(['2026-07-10', 'r1', [['TUITION', 300]]], ['2026-10-10', 'r2', [['TUITION', 300]]]),
      paid('p1', 300, allocated(['TUITION', 300, 'r1'])),
      paid('p2', 200, allocated(['TUITION', 200, 'r1'])),
    ],
    expect: { status: 200, fees: [['TUITION', 100]], schedule: [['2026-10-10', ['TUITION', 100]]] },
  }),
  example({
    name: 'two payments of which one names an instalment',
    rule: 'p1 comes first and pays TUITION in July; the 300 that p2 names for July go on as a rest: BUS 100, October 200.',
    said: [
      enrolled(),
      twoFees,
      twoFeesPlan,
      paid('p1', 300, allocated(['TUITION', 300])),
      paid('p2', 300, allocated(['TUITION', 300, 'r1'])),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 100],
        ['BUS', 100],
      ],
      schedule: [['2026-10-10', ['TUITION', 100], ['BUS', 100]]],
    },
  }),
  example({
    name: 'a payment reversed and recorded again',
    rule: 'One that was absent comes last: p2 pays TUITION in July as it names it, then p1 pays TUITION in October.',
    said: [
      enrolled(),
      twoFees,
      twoFeesPlan,
      paid('p1', 300, allocated(['TUITION', 300])),
      paid('p2', 300, allocated(['TUITION', 300, 'r1'])),
      reversed('p1'),
      paid('p1', 300, allocated(['TUITION', 300])),
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
  example({
    name: 'a payment corrected in place',
    rule: 'A correction keeps the place: p1 is still first, so it is as if it had been 300 from the start.',
    said: [
      enrolled(),
      twoFees,
      twoFeesPlan,
      paid('p1', 200, allocated(['TUITION', 200])),
      paid('p2', 300, allocated(['TUITION', 300, 'r1'])),
      paid('p1', 300, allocated(['TUITION', 300])),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 100],
        ['BUS', 100],
      ],
      schedule: [['2026-10-10', ['TUITION', 100], ['BUS', 100]]],
    },
  }),
]
