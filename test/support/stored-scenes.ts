import { encodeState } from '../../projections/state/state.ts'
import { goldenEvents } from '../golden/golden-event.ts'
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
} from '../golden/said.ts'
import { decision, nth, recordOf } from './events.ts'
import { type Entry, tell } from './tell.ts'

const BAD = changed('A', -1)

/** Histories whose states have everything in them that a stored state can hold. */
export const STORED_SCENES: readonly (readonly [name: string, entries: readonly Entry[]])[] = [
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
  ['a number that was skipped', [nth(1, enrolled()), nth(3, BAD), decision('discard', [1])]],
  ['an erasure', [nth(1, enrolled()), nth(4, changed('A', 1)), nth(2, erased())]],
  ['every type of event, held', heldOfEveryType()],
]

/** The golden events that concern a student, each under a number whose predecessor is missing. */
function heldOfEveryType(): readonly Entry[] {
  return goldenEvents()
    .filter(({ fact, event }) => fact !== null && !/snapshot|erased/.test(event.type))
    .map(({ event }, index) => nth(index + 2, { ...event, data: event.data as object, id: `held-${index}` }))
}

/** The stored text of each scene. */
export const storedScenes = (): Readonly<Record<string, string>> =>
  Object.fromEntries(STORED_SCENES.map(([name, entries]) => [name, encodeState(tell(...entries).state)]))
