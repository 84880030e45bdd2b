import fc from 'fast-check'
import type { LogRecord } from '../../consumers/ports/log.ts'
import type { Said } from '../golden/example.ts'
import {
  assessed,
  changed,
  cleared,
  discontinued,
  enrolled,
  erased,
  granted,
  listed,
  paid,
  reinstated,
  removed,
  reversed,
  revoked,
  scheduled,
  snapshot,
  transferred,
  updated,
} from '../golden/said.ts'
import { decision, recordOf } from './events.ts'
import { type Entry, recordsOf } from './tell.ts'

/**
 * Histories of one student from a small world: few components, ids, grades, sources and numbers, so that events meet
 * each other often. What is generated shrinks to the fewest entries.
 */

const component = fc.constantFrom('A', 'B', 'C')
const grade = fc.constantFrom('5', '5', '5', '6', '7')
const place = fc.record({ grade, collector_code: fc.constantFrom('BLR-01', 'BLR-01', 'BLR-01', undefined) })
const rupees = fc.oneof(
  fc.integer({ min: 0, max: 50_000 }).map((paise) => (paise / 100).toFixed(2)),
  fc.constantFrom('0', '9999999999.99', 0.07, 100),
)
const day = fc.constantFrom('2026-05-01', '2026-06-01', '2026-06-10', '2026-07-01', '2027-01-01')
const parts = fc.uniqueArray(fc.tuple(component, rupees), { selector: ([type]) => type, maxLength: 3 })
const someParts = fc.uniqueArray(fc.tuple(component, rupees), {
  selector: ([type]) => type,
  minLength: 1,
  maxLength: 3,
})
const id = fc.constantFrom('1', '2', '3')
const worth = fc.oneof(
  rupees.map((amount) => ({ amount })),
  fc.integer({ min: 0, max: 1_000_000 }).map((percent) => ({ percent: (percent / 10_000).toFixed(4) })),
)
const instalments = fc
  .array(fc.tuple(day, someParts), { minLength: 1, maxLength: 3 })
  .map((entries) => entries.map(([due, details], index) => [due, `r${index}`, details] as const))
const optionalDay = fc.option(day, { nil: undefined }).map((effective_on) => ({ effective_on }))
const profile = fc.record({
  fullname: fc.constantFrom('Asha', 'Bela', ''),
  custom_identifier: fc.constantFrom(undefined, null, 'C-1', 'C-2'),
})
const allocations = fc.array(
  fc.record({
    component_type: component,
    amount: fc.constant('0.50'),
    reference_id: fc.constantFrom('r0', 'r1', undefined),
  }),
  {
    maxLength: 3,
  },
)

const moneyFact: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(parts, place).map(([list, at]) => assessed(list, at)),
  fc.tuple(component, rupees, place).map(([type, amount, at]) => changed(type, amount, at)),
  component.map(removed),
  fc.tuple(id, component, worth).map(([name, type, value]) => granted(name, type, value)),
  id.map(revoked),
  fc
    .tuple(id, fc.integer({ min: 2, max: 500 }), allocations, fc.constantFrom('institute', 'jodo'), place)
    .map(([name, amount, list, collected_by, at]) => paid(name, amount, { collected_by, allocations: list }, at)),
  id.map(reversed),
  instalments.map((entries) => scheduled(...entries)),
  fc.constant(cleared()),
)

const lifeFact: fc.Arbitrary<Said> = fc.oneof(
  fc.tuple(profile, place).map(([data, at]) => enrolled(data, at)),
  profile.map((data) => updated(data)),
  fc.tuple(optionalDay, place).map(([data, at]) => discontinued(data, at)),
  place.map((at) => reinstated(at)),
  fc
    .tuple(fc.constantFrom('6', '7'), place)
    .map(([to, at]) => transferred({ grade: to === at.grade ? '5' : to }, {}, at)),
)

const listing = fc
  .tuple(
    fc.option(parts, { nil: null }),
    profile,
    place,
    fc.constantFrom('active', 'active', 'discontinued', 'transferred'),
  )
  .map(([fees, data, at, status]) => listed(fees, { ...data, ...at, status }))
export const anySnapshot: fc.Arbitrary<Said> = fc
  .uniqueArray(listing, {
    selector: (item) => JSON.stringify([item['grade' as never], item['collector_code' as never]]),
    maxLength: 2,
  })
  .map((list) => snapshot(...list))

/** Facts that apply in their turn, none at once. */
export const plainFact: fc.Arbitrary<Said> = fc.oneof(
  { weight: 3, arbitrary: moneyFact },
  { weight: 2, arbitrary: lifeFact },
)

const bad = fc.constantFrom<Said>(changed('A', -1), {
  type: 'erp.unheard.v1',
  data: { student: { identifier: 'S-1' } },
})
const foreign: Said = { type: 'com.example.bus', data: { student: { identifier: 'S-1' } } }
const garbage: fc.Arbitrary<LogRecord> = fc.constantFrom('{', '', '[]').map((value) => recordOf(value))

const anyFact = fc.oneof(
  { weight: 10, arbitrary: plainFact },
  { weight: 2, arbitrary: anySnapshot },
  { weight: 1, arbitrary: fc.constant(erased()) },
  { weight: 2, arbitrary: bad },
  { weight: 1, arbitrary: fc.constant(foreign) },
)

export const SOURCES = ['/erp/main', '/erp/b'] as const
const time = fc.integer({ min: 0, max: 20 }).map((hour) => new Date(Date.UTC(2026, 5, 1, hour)).toISOString())
/** Mostly the next number; some come twice, some never, some cannot be read. */
const sequence = fc.oneof(
  { weight: 6, arbitrary: fc.constant('next' as const) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant('unreadable' as const) },
)

const drawn = fc.record({
  said: fc.oneof({ weight: 20, arbitrary: anyFact }, { weight: 1, arbitrary: garbage }),
  source: fc.constantFrom(...SOURCES),
  sequence,
  time,
  reused: fc.option(fc.nat({ max: 5 }), { freq: 8, nil: null }),
  moved: fc.boolean(),
})

/** Events of two sources in any order, with repeats, contradictions, holes and bad ones. */
export const anyHistory = fc.array(drawn, { minLength: 1, maxLength: 24 }).map((list): Entry[] => {
  const next = new Map<string, number>()
  return list.map(({ said, source, sequence: number, time: at, reused, moved }, index) => {
    if ('headers' in said) return said
    const expected = (next.get(source) ?? 0) + 1
    if (number === 'next') next.set(source, expected)
    const event: Said = {
      ...said,
      source,
      time: at,
      id: reused === null ? `id-${index}` : `id-${reused}`,
      ...(number !== undefined && { sequence: number === 'next' ? expected : number }),
    }
    return moved ? { moved: event } : event
  })
})

/** The same with an operator's decisions about some of the entries. */
export const decidedHistory = fc
  .tuple(
    anyHistory,
    fc.array(
      fc.record({ at: fc.nat({ max: 23 }), action: fc.constantFrom('replay', 'discard'), force: fc.boolean() }),
      { maxLength: 4 },
    ),
    anyHistory,
  )
  .map(([before, decisions, after]): Entry[] => {
    const records = recordsOf(before).map(({ record }) => record)
    const made = decisions.flatMap(({ at, action, force }): Entry[] => {
      const record = records[at]
      return record
        ? [decision(action as 'replay' | 'discard', [action === 'replay' ? record : record.offset], { force })]
        : []
    })
    return [...before, ...made, ...after]
  })
