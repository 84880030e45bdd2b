import { describe, expect, test } from 'vitest'
import { decodeState, encodeState } from '../../../../projections/state/state.ts'
import { UNKNOWN_STUDENT } from '../../../../projections/state/student.ts'
import {
  assessed,
  changed,
  discontinued,
  enrolled,
  erased,
  listed,
  paid,
  scheduled,
  snapshot,
  transferred,
} from '../../../golden/said.ts'
import { decision, nth, recordOf } from '../../../support/events.ts'
import { type Entry, tell } from '../../../support/tell.ts'

const BAD = changed('A', -1)
const SCENES: readonly (readonly [string, readonly Entry[]])[] = [
  [
    'money and a profile',
    [
      enrolled({ user: { name: 'U', phone: '1' } }),
      assessed([['A', 1]]),
      scheduled(['2026-07-01', 'r', [['A', 1]]]),
      paid('p', 1),
    ],
  ],
  ['an announced leaving', [enrolled(), discontinued({ effective_on: '2026-07-01', message: 'm' })]],
  ['a transfer', [enrolled({}, { collector_code: null }), transferred({ grade: '6' })]],
  [
    'held events and great numbers',
    [
      nth('9223372036854775806', snapshot(listed([['A', 1]]))),
      nth(7, changed('A', 1)),
      nth('9223372036854775807', BAD),
    ],
  ],
  ['orphans and foreign types', [changed('A', 1), nth(3, { type: 'x.y', data: { student: { identifier: 'S-1' } } })]],
  ['a source that may begin anywhere', [snapshot(listed([]))]],
  [
    'dead letters of all kinds',
    [enrolled(), BAD, recordOf('{'), nth('x', BAD), nth(2, BAD), decision('discard', [1, 3])],
  ],
  ['a number that was let go', [nth(1, enrolled()), nth(3, BAD), decision('discard', [1])]],
  ['an erasure', [nth(1, enrolled()), nth(4, changed('A', 1)), nth(2, erased())]],
]

describe('a stored state', () => {
  test.each(SCENES)('with %s is read as what was written', (_scene, entries) => {
    const { state } = tell(...entries)
    expect(decodeState(encodeState(state))).toEqual(state)
    expect(encodeState(decodeState(encodeState(state)))).toBe(encodeState(state))
  })

  test('of a student of whom nothing is known is one as well', () => {
    expect(decodeState(encodeState(UNKNOWN_STUDENT))).toEqual(UNKNOWN_STUDENT)
  })

  test('is one line and the seen events, whatever the texts bear', () => {
    const { state } = tell(enrolled({ fullname: 'a\nb~@;' }))
    expect(encodeState(state).split('\n')).toHaveLength(2)
    expect(decodeState(encodeState(state))).toEqual(state)
  })
})
