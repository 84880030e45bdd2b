import { type Example, example } from './example.ts'
import { as, assessed, changed, enrolled, listed, paid, replacing, snapshot } from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const said = [as(enrolled(), { sequence: 1 }), as(thousand, { sequence: 2 })] as const
const pos = { source: '/pos/1' }
const at = (clock: string) => ({ time: `2026-06-02T${clock}:00+05:30` })
const payment = (id: string, amount: number) => ({ payment_id: id, amount, paid_on: '2026-06-02' })
const list = (...payments: object[]) => snapshot(listed([['TUITION', 1000]], { payments }))
const restored = (...payments: object[]) =>
  as(replacing(['/erp/main'], listed([['TUITION', 1000]], { payments })), { source: '/erp/restored', ...at('20:00') })

/** Several systems of one school, lists that come late, and an ERP in the place of another. */
export const publisherExamples: readonly Example[] = [
  example({
    name: 'the cashier’s system beside the fee ERP',
    rule: 'Any source may speak of an enrolment: 1000 less 400.',
    said: [enrolled(), thousand, as(paid('k1', 400), pos)],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'the fee ERP’s list without the cashier’s newer payment',
    rule: 'It was read before that payment and would undo it: a conflict.',
    said: [enrolled(), thousand, as(paid('k1', 400), { ...pos, ...at('10:00') }), as(list(), at('09:00'))],
    expect: 'suspect',
  }),
  example({
    name: 'the fee ERP’s list with the cashier’s payment',
    rule: 'Its publisher answers for all money of what it lists: 1000 less 400.',
    said: [
      enrolled(),
      thousand,
      as(paid('k1', 400), { ...pos, ...at('10:00') }),
      as(list(payment('k1', 400)), at('11:00')),
    ],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'the next night’s list after one that came late',
    rule: 'A snapshot settles the dead letter of the late one, and says what holds.',
    said: [
      enrolled(),
      thousand,
      as(paid('p1', 400), at('01:30')),
      as(list(), at('01:00')),
      as(list(payment('p1', 400)), at('23:00')),
    ],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a nightly list that was read before the morning’s payment',
    rule: 'Without numbers its time decides: it would undo a payment of its own source.',
    said: [enrolled(), thousand, as(paid('p1', 400), at('01:30')), as(list(), at('01:00'))],
    expect: 'suspect',
  }),
  example({
    name: 'a numbered list with an older time',
    rule: 'The sequence says that it comes after the payment: what it lists holds.',
    said: [
      ...said,
      as(paid('p1', 400), { sequence: 3, ...at('10:00') }),
      as(list(payment('p1', 400), payment('p2', 100)), { sequence: 4, ...at('09:59') }),
    ],
    expect: { status: 200, fees: [['TUITION', 500]] },
  }),
  example({
    name: 'a hole that a new ERP’s list leaves open',
    rule: 'A snapshot settles what its own source left open, not what another one did.',
    said: [...said, as(changed('TUITION', 1100), { sequence: 4 }), as(list(), { source: '/erp/new', ...at('20:00') })],
    expect: 'suspect',
  }),
  example({
    name: 'a hole that a new ERP settles in the old one’s place',
    rule: 'It replaces the old source: what that left open is settled.',
    said: [...said, as(changed('TUITION', 1100), { sequence: 4 }), restored()],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'an ERP that was restored from yesterday’s backup',
    rule: 'It starts anew under another source with all that it holds: 1000 less 400.',
    said: [
      ...said,
      as(paid('p1', 300), { sequence: 3, ...at('10:00') }),
      restored(payment('p1', 300), payment('p2', 100)),
      as(paid('p2', 100), { source: '/erp/restored', sequence: 1, ...at('21:00') }),
    ],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a straggler of the ERP that was replaced',
    rule: 'Nobody can tell whether the list had it: a conflict.',
    said: [...said, restored(), as(paid('p1', 300), { sequence: 3, ...at('10:00') })],
    expect: 'suspect',
  }),
  example({
    name: 'a list in the place of another ERP that was read too early',
    rule: 'The replaced source is another source still: the list would undo its payment.',
    said: [...said, as(paid('p1', 300), { sequence: 3, ...at('20:30') }), restored()],
    expect: 'suspect',
  }),
  example({
    name: 'the same payment sent twice',
    rule: 'The same id and content again is a duplicate: 1000 less 400.',
    said: [
      enrolled(),
      thousand,
      as(paid('p1', 400), { id: 'x', ...at('10:00') }),
      as(paid('p1', 400), { id: 'x', ...at('10:00') }),
    ],
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a type that is written with a capital letter',
    rule: 'It must be meant as one of ours: poison, and no proof of an old balance.',
    said: [enrolled(), thousand, { ...changed('TUITION', 2000), type: 'Erp.fee.changed.v1' }],
    expect: 'suspect',
  }),
  example({
    name: 'an event without a type',
    rule: 'An empty type is poison.',
    said: [enrolled(), thousand, { ...changed('TUITION', 2000), type: '' }],
    expect: 'suspect',
  }),
  example({
    name: 'a grade that is typed as a number',
    rule: 'A JSON integer is its decimal text: 5 is "5".',
    said: [enrolled({}, { grade: 5, academic_year_start: 2026 }), thousand],
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a grade with a leading zero',
    rule: 'Codes are compared as text: "05" is another enrolment, and its fee waits for it.',
    said: [enrolled(), thousand, changed('TUITION', 900, { grade: '05' })],
    expect: 'suspect',
  }),
]
