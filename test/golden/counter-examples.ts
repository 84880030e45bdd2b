import { type Example, example } from './example.ts'
import { allocated, assessed, charged, enrolled, paid, reversed, scheduled } from './said.ts'

const said = [
  enrolled(),
  assessed([['TUITION', 30000]]),
  scheduled(
    ['2026-07-01', 'r1', [['TUITION', 10000]]],
    ['2026-08-01', 'r2', [['TUITION', 10000]]],
    ['2026-09-01', 'r3', [['TUITION', 10000]]],
  ),
] as const
const partner = { collected_by: 'jodo' }
const cheque = { status: 'pending' }

/** The counter beside the partner, and cheques. All payments are placed; those that count are shown. */
export const counterExamples: readonly Example[] = [
  example({
    name: 'the partner has collected July, and the counter takes half of August',
    rule: 'The partner’s 10000 are placed on July though they do not count; the 5000 pay August.',
    said: [...said, paid('j1', 10000, partner), paid('c1', 5000)],
    expect: {
      status: 200,
      fees: [['TUITION', 25000]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 5000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the same where all payments count',
    rule: 'July is paid and gone; 5000 of August are left.',
    basis: 'outstanding',
    said: [...said, paid('j1', 10000, partner), paid('c1', 5000)],
    expect: {
      status: 200,
      fees: [['TUITION', 15000]],
      schedule: [
        ['2026-08-01', ['TUITION', 5000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the same where no payment counts',
    rule: 'All are placed and none is shown.',
    basis: 'payable',
    said: [...said, paid('j1', 10000, partner), paid('c1', 5000)],
    expect: {
      status: 200,
      fees: [['TUITION', 30000]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the counter before the partner',
    rule: 'First recorded pays first: the counter July, the partner August, which does not count.',
    said: [...said, paid('c1', 10000), paid('j1', 10000, partner)],
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the partner has collected August by name',
    rule: 'Its allocation is placed on August before any rest; the counter pays July.',
    said: [...said, paid('c1', 10000), paid('j1', 10000, { ...partner, ...allocated(['TUITION', 10000, 'r2']) })],
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'the partner has collected more than July',
    rule: 'Its other 2000 lie on August: the counter pays 8000 of August and 2000 of September.',
    said: [...said, paid('j1', 12000, partner), paid('c1', 10000)],
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-07-01', ['TUITION', 10000]],
        ['2026-08-01', ['TUITION', 2000]],
        ['2026-09-01', ['TUITION', 8000]],
      ],
    },
  }),
  example({
    name: 'the counter and the partner without a schedule',
    rule: 'The partner’s 600 lie on TUITION: of the counter’s 700, 400 pay TUITION and 300 pay MEALS.',
    said: [
      enrolled(),
      assessed([
        ['TUITION', 1000],
        ['MEALS', 500],
      ]),
      paid('j1', 600, partner),
      paid('c1', 700),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 600],
        ['MEALS', 200],
      ],
    },
  }),
  example({
    name: 'a partner’s payment that is reversed',
    rule: 'July is due again, and the counter’s 10000 pay July.',
    said: [...said, paid('j1', 10000, partner), paid('c1', 10000), reversed('j1')],
    expect: {
      status: 200,
      fees: [['TUITION', 20000]],
      schedule: [
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a cheque that is pending',
    rule: 'By default it counts as any payment: 1000 less 400.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('q1', 400, cheque)],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a cheque that is pending, where the operator waits for the bank',
    rule: 'As if it were not recorded: 1000.',
    pending: 'ignore',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('q1', 400, cheque)],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a cheque that clears',
    rule: 'The same payment id replaces: it counts once, 1000 less 400.',
    pending: 'ignore',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('q1', 400, cheque), paid('q1', 400, { status: 'cleared' })],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a cheque that bounces, with a charge in one go',
    rule: 'The payment is gone and 350 are due on top.',
    said: [
      enrolled(),
      assessed([['TUITION', 1000]]),
      paid('q1', 400, cheque),
      reversed('q1'),
      charged('bounce', 'BOUNCE', 350, { due_date: '2026-06-10' }),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 1000],
        ['BOUNCE', 350],
      ],
    },
  }),
  example({
    name: 'a pending cheque and cash, where cheques count',
    rule: 'The cheque was first: July is its, and the cash pays 4000 of August.',
    said: [...said, paid('q1', 10000, cheque), paid('c1', 4000)],
    expect: {
      status: 200,
      fees: [['TUITION', 16000]],
      schedule: [
        ['2026-08-01', ['TUITION', 6000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a pending cheque and cash, where the operator waits for the bank',
    rule: 'What is not recorded is not placed: the cash pays 4000 of July.',
    pending: 'ignore',
    said: [...said, paid('q1', 10000, cheque), paid('c1', 4000)],
    expect: {
      status: 200,
      fees: [['TUITION', 26000]],
      schedule: [
        ['2026-07-01', ['TUITION', 6000]],
        ['2026-08-01', ['TUITION', 10000]],
        ['2026-09-01', ['TUITION', 10000]],
      ],
    },
  }),
  example({
    name: 'a refund of a part',
    rule: 'The payment is recorded again with what was kept: 1000 less 250.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 400), paid('p1', 250)],
    expect: { status: 200, fees: [['TUITION', 750]] },
  }),
  example({
    name: 'a status that nobody knows',
    rule: 'A payment is cleared or pending; anything else is poison.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('q1', 400, { status: 'bounced' })],
    expect: 'suspect',
  }),
  example({
    name: 'cash before the fees are assessed',
    rule: 'It is kept, and pays as soon as something is due: 1000 less 400.',
    said: [enrolled(), paid('c1', 400), assessed([['TUITION', 1000]])],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
]
