import { type Example, example } from './example.ts'
import {
  as,
  assessed,
  charged,
  discontinued,
  enrolled,
  listed,
  paid,
  replacing,
  reversed,
  scheduled,
  snapshot,
  transferred,
} from './said.ts'

const thousand = assessed([['TUITION', 1000]])
const inB = { collector_code: 'BLR-02' }
const toB = transferred(inB)

/** Within the year all of the money goes along, where nothing is in its way. */
export const moveExamples: readonly Example[] = [
  example({
    name: 'a move to another branch within the year',
    rule: 'Fees, charges, payments and schedule all go along: 1000 and 50, less 400.',
    said: [
      enrolled(),
      thousand,
      scheduled(['2026-07-01', 'r1', [['TUITION', 1000]]]),
      charged('f1', 'FINE', 50, { reference_id: 'r1' }),
      paid('p1', 400, { status: 'pending' }),
      toB,
    ],
    of: inB,
    expect: {
      status: 200,
      fees: [
        ['TUITION', 600],
        ['FINE', 50],
      ],
      schedule: [['2026-07-01', ['TUITION', 600], ['FINE', 50]]],
    },
  }),
  example({
    name: 'a payment that the new branch books again',
    rule: 'A carried payment keeps its id, so that it counts once: 1000 less 400.',
    said: [enrolled(), thousand, paid('p1', 400), toB, paid('p1', 400, {}, inB)],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a carried payment that is reversed at the new branch',
    rule: 'It is reached by its id: 1000 again.',
    said: [enrolled(), thousand, paid('p1', 400), toB, reversed('p1', inB)],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a payment for the old branch after the move',
    rule: 'It cannot reach the copy: poison.',
    said: [enrolled(), thousand, toB, paid('p2', 100)],
    of: inB,
    expect: 'suspect',
  }),
  example({
    name: 'a move into a place that the same ERP has prepared',
    rule: 'An active one of the same source without money gets the money: 1000 less 400.',
    said: [enrolled(), thousand, paid('p1', 400), enrolled({}, inB), toB],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a move into a place that has fees already',
    rule: 'Whether the old 400 count there nobody can tell: unsettled.',
    said: [enrolled(), thousand, paid('p1', 400), enrolled({}, inB), assessed([['TUITION', 1000]], inB), toB],
    of: inB,
    expect: 'incoherent',
  }),
  example({
    name: 'a move into a place that another ERP has prepared',
    rule: 'Only one that belongs to the transfer’s source gets the money.',
    said: [enrolled(), thousand, as(enrolled({}, inB), { source: '/erp/b' }), toB],
    of: inB,
    expect: 'incoherent',
  }),
  example({
    name: 'an unsettled place that its publisher lists',
    rule: 'The list says what counts: 1000 less 400 there.',
    said: [
      enrolled(),
      thousand,
      paid('p1', 400),
      as(enrolled({}, inB), { source: '/erp/b' }),
      toB,
      as(
        snapshot(
          listed([['TUITION', 1000]], { ...inB, payments: [{ payment_id: 'p1', amount: 400, paid_on: '2026-06-01' }] }),
        ),
        { source: '/erp/b' },
      ),
    ],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a place that another ERP takes over by enrolling',
    rule: 'A copy that only the transfer’s source knows becomes the other’s, unsettled: the 400 may count twice.',
    said: [
      enrolled(),
      thousand,
      paid('p1', 400),
      toB,
      as(enrolled({}, inB), { source: '/erp/b' }),
      as(assessed([['TUITION', 1000]], inB), { source: '/erp/b' }),
    ],
    of: inB,
    expect: 'incoherent',
  }),
  example({
    name: 'the way back',
    rule: 'It carries everything, with what came in between: 1000, a fine of 50, less 400.',
    said: [
      enrolled(),
      thousand,
      toB,
      paid('p1', 400, {}, inB),
      charged('f1', 'FINE', 50, { due_date: '2026-06-10' }, inB),
      transferred({ collector_code: 'BLR-01' }, {}, inB),
    ],
    expect: {
      status: 200,
      fees: [
        ['TUITION', 600],
        ['FINE', 50],
      ],
    },
  }),
  example({
    name: 'the nightly list of the branch that was left',
    rule: 'A copy that no list and no enrolment has named is left alone.',
    said: [
      enrolled(),
      thousand,
      paid('p1', 400),
      toB,
      snapshot(listed([['TUITION', 1000]], { status: 'transferred' })),
    ],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 600]] },
  }),
  example({
    name: 'a list that takes the move back',
    rule: 'It lists the old place as active, so that the copy is gone.',
    said: [enrolled(), thousand, toB, snapshot(listed([['TUITION', 1000]]))],
    of: inB,
    expect: 'unknown',
  }),
  example({
    name: 'a list of the branch that was left, once the copy has been named',
    rule: 'An enrolled names the copy; after that a list that leaves it out removes it.',
    said: [enrolled(), thousand, toB, enrolled({}, inB), snapshot(listed(null, { status: 'transferred' }))],
    of: inB,
    expect: 'unknown',
  }),
  example({
    name: 'a leaving certificate and then the move',
    rule: 'No poison; but the copy waits for its publisher.',
    said: [enrolled(), thousand, discontinued(), toB],
    of: inB,
    expect: 'incoherent',
  }),
  example({
    name: 'a leaving certificate, the move, and the list of the new branch',
    rule: 'The list settles it: 1000.',
    said: [
      enrolled(),
      thousand,
      discontinued(),
      toB,
      as(snapshot(listed([['TUITION', 1000]], inB)), { source: '/erp/b' }),
    ],
    of: inB,
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a move of one who is to leave in July',
    rule: 'On the day of the move the leaving has not come: the copy is active, and settled.',
    said: [enrolled(), thousand, discontinued({ effective_on: '2026-07-31' }), toB],
    of: inB,
    asOf: '2026-08-05',
    expect: { status: 200, fees: [['TUITION', 1000]] },
  }),
  example({
    name: 'a move on the day of leaving',
    rule: 'On that day the leaving has come: the copy is unsettled.',
    said: [enrolled(), thousand, discontinued({ effective_on: '2026-06-01' }), toB],
    of: inB,
    expect: 'incoherent',
  }),
  example({
    name: 'a move by a new ERP’s list alone',
    rule: 'What belonged to the ERP that is replaced and is not listed is gone.',
    said: [enrolled(), thousand, as(replacing(['/erp/main'], listed([['TUITION', 900]], inB)), { source: '/erp/new' })],
    expect: 'unknown',
  }),
]
