import { type Example, example } from './example.ts'
import { allocated, assessed, changed, enrolled, paid, reversed } from './said.ts'

/** Payments without a schedule. */
export const paymentExamples: readonly Example[] = [
  example({
    name: 'a payment at the school, and one through the partner, basis net_of_direct',
    rule: 'Only what the institute collected counts: 1000 less 300, not less 200.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 300), paid('p2', 200, { collected_by: 'jodo' })],
    expect: { status: 200, fees: [['TUITION', 700]] },
  }),
  example({
    name: 'the same payments, basis outstanding',
    rule: 'All payments count: 1000 less 300 less 200.',
    basis: 'outstanding',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 300), paid('p2', 200, { collected_by: 'jodo' })],
    expect: { status: 200, fees: [['TUITION', 500]] },
  }),
  example({
    name: 'the same payments, basis payable',
    rule: 'No payment counts.',
    basis: 'payable',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 300), paid('p2', 200, { collected_by: 'jodo' })],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a payment recorded twice with different amounts',
    rule: 'The same payment id replaces: 1000 less 250.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 300), paid('p1', 250)],
    expect: { status: 200, fees: [['TUITION', 750]] },
  }),
  example({
    name: 'a reversed payment, and one that never was',
    rule: 'A reversed payment is gone; reversing what is unknown changes nothing.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 300), reversed('p1'), reversed('p9')],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a payment without allocations over two components',
    rule: 'What is not allocated pays the components in their order: 150 pays BUS 100 and 50 of TUITION.',
    said: [
      enrolled(),
      assessed([
        ['BUS', 100],
        ['TUITION', 1000],
      ]),
      paid('p1', 150),
    ],
    expect: {
      status: 200,
      fees: [
        ['BUS', 0],
        ['TUITION', 950],
      ],
    },
  }),
  example({
    name: 'an allocation before the rests',
    rule: 'Allocations come first, whatever payment they are of: p2 puts 100 on BUS, then the 60 of p1 pay TUITION.',
    said: [
      enrolled(),
      assessed([
        ['BUS', 100],
        ['TUITION', 1000],
      ]),
      paid('p1', 60),
      paid('p2', 100, allocated(['BUS', 100])),
    ],
    expect: {
      status: 200,
      fees: [
        ['BUS', 0],
        ['TUITION', 940],
      ],
    },
  }),
  example({
    name: 'an allocation beyond what is due',
    rule: 'At most what is left is placed: 100 of 130 on BUS; the other 30 join the rest and pay TUITION.',
    said: [
      enrolled(),
      assessed([
        ['BUS', 100],
        ['TUITION', 1000],
      ]),
      paid('p1', 130, allocated(['BUS', 130])),
    ],
    expect: {
      status: 200,
      fees: [
        ['BUS', 0],
        ['TUITION', 970],
      ],
    },
  }),
  example({
    name: 'an allocation to a component that is not there',
    rule: 'What cannot be placed joins the rest: 40 for MEALS pay TUITION.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 40, allocated(['MEALS', 40]))],
    expect: { status: 200, fees: [['TUITION', 960]] },
  }),
  example({
    name: 'an overpayment',
    rule: 'Credit is kept and never shown; a balance is never negative.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 1500)],
    expect: { status: 200, fees: [['TUITION', 0]] },
  }),
  example({
    name: 'credit, then a new fee',
    rule: 'Credit pays again as soon as something is due: 500 of credit on BUS 800 leave 300.',
    said: [enrolled(), assessed([['TUITION', 1000]]), paid('p1', 1500), changed('BUS', 800)],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 0],
        ['BUS', 300],
      ],
    },
  }),
  example({
    name: 'a payment before the assessment',
    rule: 'The answer is of the facts as they are, whatever came first: 1000 less 400.',
    said: [enrolled(), paid('p1', 400), assessed([['TUITION', 1000]])],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
]
