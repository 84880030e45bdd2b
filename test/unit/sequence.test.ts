import { describe, expect, test } from 'vitest'
import type { Said } from '../golden/example.ts'
import { assessed, changed, enrolled, erased, listed, paid, snapshot, updated } from '../golden/said.ts'
import { nth } from '../support/events.ts'
import { feesOf, tell } from '../support/tell.ts'

const details = (told: ReturnType<typeof tell>): string[] =>
  told.letters.map(
    ({ reason, detail }) => `${reason} ${detail.slice(0, detail.indexOf(':') < 0 ? undefined : detail.indexOf(':'))}`,
  )
const at = (time: string, said: Said): Said => ({ ...said, time })
const foreign = (sequence?: number): Said => ({
  type: 'com.example.bus.boarded',
  data: { student: { identifier: 'S-1' } },
  ...(sequence === undefined ? {} : { sequence }),
})

describe('without numbers the order of the log is the order', () => {
  test('each event applies as it comes', () => {
    const told = tell(enrolled(), changed('A', 1), changed('A', 2))
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied'])
    expect(feesOf(told)).toEqual({ A: 2 })
  })
})

describe('with numbers events of one source apply strictly in sequence', () => {
  test('an early one is held until the missing ones come', () => {
    const told = tell(nth(1, enrolled()), nth(4, changed('A', 4)), nth(3, changed('A', 3)), nth(2, changed('A', 2)))
    expect(told.outcomes).toEqual(['applied', 'held', 'held', 'applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 4 })
    expect(told.suspect).toBe(false)
  })

  test('while one is missing the student is suspect', () => {
    expect(tell(nth(1, enrolled()), nth(3, changed('A', 3))).suspect).toBe(true)
  })

  test('the first one is 1: a later one waits for it', () => {
    const told = tell(nth(2, changed('A', 2)), nth(1, enrolled()))
    expect(told.outcomes).toEqual(['held', 'applied+applied'])
  })

  test('sources count each for themselves', () => {
    const b = { source: '/erp/b' }
    const told = tell(
      nth(1, enrolled()),
      nth(1, changed('A', 1), b),
      nth(3, changed('A', 3), b),
      nth(2, changed('A', 2)),
    )
    expect(told.outcomes).toEqual(['applied', 'applied', 'held', 'applied'])
    expect(feesOf(told)).toEqual({ A: 2 })
  })

  test('a number is one number in all its forms', () => {
    const told = tell(nth('0001', enrolled()), nth(2, changed('A', 2)), nth('3', changed('A', 3)))
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied'])
  })

  test('numbers beyond 2^53 keep their last digit', () => {
    const told = tell(
      nth('9007199254740993', snapshot(listed([['A', 1]]))),
      nth('9007199254740995', changed('A', 3)),
      nth('9007199254740994', changed('A', 2)),
    )
    expect(told.outcomes).toEqual(['applied', 'held', 'applied+applied'])
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('a type that is not ours has its turn and no effect; without a number it has none', () => {
    const told = tell(nth(1, enrolled()), foreign(), nth(3, changed('A', 3)), foreign(2))
    expect(told.outcomes).toEqual(['applied', 'ignored', 'held', 'ignored+applied'])
  })
})

describe('the same event again', () => {
  test('is a duplicate once applied, and while it is held', () => {
    const held = { ...nth(3, changed('A', 3)), id: 'x', time: '2026-06-01T09:00:00Z' }
    const told = tell(nth(1, enrolled()), held, held, nth(2, changed('A', 2)), held)
    expect(told.outcomes).toEqual(['applied', 'held', 'duplicate', 'applied+applied', 'duplicate'])
  })

  test('is one in whatever order its keys and in whatever form its number stands', () => {
    const { type, data } = changed('A', 5)
    const { student, component_type, amount } = data as { student: object; component_type: string; amount: number }
    const one = { id: 'x', time: '2026-06-01T09:00:00Z', type }
    const told = tell(
      nth(1, enrolled()),
      { ...one, sequence: 2, data: { student, component_type, amount } },
      { ...one, sequence: '02', data: { amount, component_type, student } },
    )
    expect(told.outcomes).toEqual(['applied', 'applied', 'duplicate'])
  })

  test('of another source is another event', () => {
    const one = { ...changed('A', 5), id: 'x', time: '2026-06-01T09:00:00Z' }
    expect(tell(enrolled(), one, { ...one, source: '/erp/b' }).outcomes).toEqual(['applied', 'applied', 'applied'])
  })

  test.each<[string, Partial<Said>]>([
    ['type', { type: 'erp.fee.removed.v1' }],
    ['time', { time: '2026-06-01T09:00:01Z' }],
    ['sequence', { sequence: 3 }],
    ['data', { data: changed('A', 6).data }],
  ])('with another %s is a conflict', (_what, difference) => {
    const one = { ...nth(2, changed('A', 5)), id: 'x', time: '2026-06-01T09:00:00Z' }
    const told = tell(nth(1, enrolled()), one, { ...one, ...difference })
    expect(told.outcomes).toEqual(['applied', 'applied', 'conflict'])
    expect(details(told)).toEqual(['conflict id_reused'])
    expect(told.suspect).toBe(true)
  })

  test('is known for 256 accepted events, of all sources', () => {
    const one = { ...changed('A', 0), id: 'x', time: '2026-06-01T09:00:00Z' }
    const others = (count: number): Said[] =>
      Array.from({ length: count }, (_, index) => ({
        ...changed('A', index),
        source: index % 2 ? '/erp/b' : '/erp/main',
      }))
    expect(tell(enrolled(), one, ...others(255), one).outcomes.at(-1)).toBe('duplicate')
    expect(tell(enrolled(), one, ...others(256), one).outcomes.at(-1)).toBe('applied')
  })

  test('is known whatever else happens to the student: an erasure, a snapshot', () => {
    const one = { ...changed('A', 0), id: 'x', time: '2026-06-01T09:00:00Z' }
    const told = tell(enrolled(), one, erased(), snapshot(listed([['A', 7]])), one)
    expect(told.outcomes.at(-1)).toBe('duplicate')
    expect(feesOf(told)).toEqual({ A: 7 })
  })

  test('that died is a duplicate of its dead letter', () => {
    const one = { ...nth(2, changed('A', 2)), id: 'x', time: '2026-06-01T09:00:00Z' }
    const conflicting = { ...one, data: changed('A', 3).data }
    const told = tell(nth(1, enrolled()), one, conflicting, conflicting)
    expect(told.outcomes).toEqual(['applied', 'applied', 'conflict', 'duplicate'])
    expect(told.letters).toHaveLength(1)
  })
})

describe('a number at or below the applied one', () => {
  test('is a conflict under another id', () => {
    const told = tell(nth(1, enrolled()), nth(2, changed('A', 2)), nth(2, changed('A', 9)))
    expect(details(told)).toEqual(['conflict number_taken'])
    expect(told.suspect).toBe(true)
  })

  test('is a conflict where a held event bears it', () => {
    const told = tell(nth(1, enrolled()), nth(3, changed('A', 3)), nth(3, changed('A', 9)))
    expect(details(told)).toEqual(['conflict number_taken'])
  })

  test('is a conflict where an event bears it that waits for its enrolment', () => {
    const told = tell(nth(1, changed('A', 1)), nth(1, changed('A', 9)))
    expect(told.outcomes).toEqual(['orphan', 'conflict'])
    const long = Array.from({ length: 260 }, (_, index) => ({
      ...updated({}, { grade: '6' }),
      id: `u${index}`,
      source: '/b',
    }))
    const late = at('2026-06-01T00:00:00Z', nth(1, changed('A', 9)))
    const forgotten = tell(nth(1, changed('A', 1)), { ...enrolled({}, { grade: '6' }), source: '/b' }, ...long, late)
    expect(forgotten.outcomes.at(-1)).toBe('conflict')
  })

  test('that a snapshot settled is a duplicate, unless its event is later than the snapshot', () => {
    const noon = '2026-06-01T12:00:00Z'
    const settled = at(noon, nth(5, snapshot(listed([['A', 1]]))))
    expect(tell(settled, at(noon, nth(3, changed('A', 3)))).outcomes).toEqual(['applied', 'duplicate'])
    const late = tell(settled, at('2026-06-01T12:00:00.001Z', nth(3, changed('A', 3))))
    expect(details(late)).toEqual(['conflict number_passed'])
  })

  test('that was forgotten is judged by the time of its source’s last event, in any offset', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      at('2026-06-01T12:00:00Z', nth(index + 2, changed('A', index))),
    )
    const again = (time: string) => tell(nth(1, enrolled()), ...many, at(time, nth(2, changed('A', 0), { id: 'new' })))
    expect(again('2026-06-01T17:30:00+05:30').outcomes.at(-1)).toBe('duplicate')
    expect(again('2026-06-01T17:30:01+05:30').outcomes.at(-1)).toBe('conflict')
  })
})

describe('a source that has used numbers', () => {
  test('uses them for good', () => {
    const told = tell(nth(1, enrolled()), changed('A', 1))
    expect(details(told)).toEqual(['conflict number_missing'])
  })

  test('has used them also where only a held or a bad event bore one', () => {
    expect(tell(nth(7, changed('A', 1)), enrolled()).outcomes).toEqual(['held', 'conflict'])
    expect(tell(nth(7, changed('A', -1)), enrolled()).outcomes).toEqual(['poison', 'conflict'])
  })

  test('may send a snapshot without one, after which it goes on after the highest number seen', () => {
    const told = tell(
      nth(1, enrolled()),
      nth(4, changed('A', 4)),
      snapshot(listed([['A', 10]])),
      nth(5, changed('A', 5)),
    )
    expect(told.outcomes).toEqual(['applied', 'held', 'applied', 'applied'])
    expect(feesOf(told)).toEqual({ A: 5 })
    expect(told.suspect).toBe(false)
  })

  test('may send an erasure without one', () => {
    expect(tell(nth(1, enrolled()), erased()).outcomes).toEqual(['applied', 'applied'])
  })
})

describe('a source that has used none', () => {
  test('may begin with 1', () => {
    expect(tell(enrolled(), nth(1, changed('A', 1)), nth(2, changed('A', 2))).outcomes.slice(1)).toEqual([
      'applied',
      'applied',
    ])
  })

  test('begins after its snapshot with whatever number comes next', () => {
    const told = tell(
      snapshot(listed([['A', 1]])),
      nth(41, changed('A', 41)),
      nth(43, changed('A', 43)),
      nth(42, changed('A', 42)),
    )
    expect(told.outcomes).toEqual(['applied', 'applied', 'held', 'applied+applied'])
    expect(feesOf(told)).toEqual({ A: 43 })
  })

  test('of two snapshots in a row the later one counts', () => {
    const nine = '2026-06-01T09:00:00Z'
    const ten = '2026-06-01T10:00:00Z'
    const told = tell(
      at(nine, snapshot(listed([['A', 1]]))),
      at(ten, snapshot(listed([['A', 2]]))),
      at('2026-06-01T11:00:00Z', nth(41, changed('A', 41))),
      at('2026-06-01T09:30:00Z', nth(40, changed('A', 40))),
    )
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied', 'duplicate'])
  })

  test('a number below the first is a duplicate if it is older than the snapshot, else a conflict', () => {
    const begun = [
      at('2026-06-01T10:00:00Z', snapshot(listed([['A', 1]]))),
      at('2026-06-01T12:00:00Z', nth(41, changed('A', 41))),
    ]
    expect(tell(...begun, at('2026-06-01T10:00:00Z', nth(40, changed('A', 4)))).outcomes.at(-1)).toBe('duplicate')
    expect(tell(...begun, at('2026-06-01T11:00:00Z', nth(40, changed('A', 4)))).outcomes.at(-1)).toBe('conflict')
  })

  test('a number below a snapshot’s number is judged by that snapshot, whatever came before it', () => {
    const told = tell(
      at('2026-06-01T01:00:00Z', snapshot(listed([['A', 0]]))),
      at('2026-06-01T04:00:00Z', nth(2, snapshot(listed([['A', 0]])))),
      at('2026-06-01T02:00:00Z', nth(1, changed('A', 1))),
    )
    expect(told.outcomes).toEqual(['applied', 'applied', 'duplicate'])
  })

  test('a bad event may bear the first number: the next ones wait for it', () => {
    const told = tell(snapshot(listed([['A', 1]])), nth(41, changed('A', -1)), nth(42, changed('A', 42)))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held'])
    expect(
      tell(
        snapshot(listed([['A', 1]])),
        nth(41, changed('A', -1)),
        nth(42, changed('A', 42)),
        nth(41, changed('A', 1)),
      ).outcomes.at(-1),
    ).toBe('applied+applied')
  })
})

describe('at most 256 wait', () => {
  const held = (count: number, first = 3): Said[] =>
    Array.from({ length: count }, (_, index) => nth(first + index, changed('A', index)))

  test('the newcomer beyond that is a dead letter, and keeps its place', () => {
    const told = tell(nth(1, enrolled()), ...held(257), nth(2, changed('A', 2)), nth(260, changed('A', 5)))
    expect(told.outcomes.slice(0, 258)).toEqual(['applied', ...Array.from({ length: 256 }, () => 'held'), 'poison'])
    expect(details(told)).toEqual(['overflow too_many_waiting'])
    expect(told.outcomes.at(-2)).toBe(Array.from({ length: 257 }, () => 'applied').join('+'))
    expect(told.outcomes.at(-1)).toBe('held')
  })

  test('orphans and other sources count as well', () => {
    const b = { source: '/erp/b' }
    const told = tell(...held(255), nth(1, changed('A', 1), b), nth(3, changed('A', 3), b))
    expect(told.outcomes.slice(-2)).toEqual(['orphan', 'poison'])
  })

  test('the number that held ones wait for is never too many, an orphan neither', () => {
    const told = tell(...held(256, 2), nth(1, changed('A', 1)))
    expect(told.outcomes.at(-1)).toBe(Array.from({ length: 257 }, () => 'orphan').join('+'))
    expect(told.letters).toEqual([])
  })

  test('an orphan that nothing waits for is too many', () => {
    const told = tell(...held(256, 2), { ...changed('A', 1), source: '/erp/b' })
    expect(details(told)).toEqual(['overflow too_many_waiting'])
  })

  test('the letter closes when its event is said again in another record', () => {
    const all = [nth(1, enrolled()), ...held(257), nth(2, changed('A', 2))]
    const told = tell(...all, nth(259, changed('A', 77)))
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 77 })
  })
})

describe('orphans', () => {
  test('wait for their enrolment, in order of arrival, before the next held one has its turn', () => {
    const told = tell(
      nth(1, changed('A', 1)),
      { ...changed('A', 2), source: '/erp/b' },
      nth(3, changed('A', 3)),
      nth(2, enrolled()),
    )
    expect(told.outcomes).toEqual(['orphan', 'orphan', 'held', 'applied+applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 3 })
    expect(told.suspect).toBe(false)
  })

  test('of one source apply in its sequence, though a later one lay first in the log', () => {
    const told = tell(nth(2, changed('A', 2)), { ...changed('A', 9), source: '/erp/b' }, nth(1, changed('A', 1)), {
      ...enrolled(),
      source: '/erp/c',
    })
    expect(told.outcomes).toEqual(['held', 'orphan', 'orphan+orphan', 'applied+applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 2 })
  })

  test('keep the student suspect', () => {
    expect(tell(enrolled({}, { grade: '6' }), changed('A', 1)).suspect).toBe(true)
  })

  test('have had their turn: the next number applies', () => {
    const told = tell(nth(1, changed('A', 1)), nth(2, enrolled({}, { grade: '6' })))
    expect(told.outcomes).toEqual(['orphan', 'applied'])
  })
})

describe('an event that was published to a wrong partition and moved', () => {
  const stamped = (timestampMs: number, said: Said) => ({
    ...tellRecord(said),
    timestampMs,
  })
  const tellRecord = (said: Said) => ({
    partition: 0,
    offset: 0,
    timestampMs: 0,
    key: Buffer.from('S-1'),
    value: Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: JSON.stringify(said.data).length.toString(),
        source: '/erp/main',
        time: '2026-06-01T09:00:00Z',
        ...said,
      }),
    ),
    headers: [],
  })

  test('is a conflict if an event of its source applied that bears a later timestamp', () => {
    const told = tell(stamped(1, enrolled()), stamped(5, changed('A', 50)), { moved: stamped(4, changed('A', 4)) })
    expect(details(told)).toEqual(['conflict overtaken'])
  })

  test('applies at the same timestamp, and after a later one of another source', () => {
    const told = tell(stamped(1, enrolled()), stamped(9, { ...changed('A', 90), source: '/erp/b' }), {
      moved: stamped(1, changed('A', 5)),
    })
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied'])
  })

  test('applies although a later one waits for its enrolment: that has not applied', () => {
    const told = tell(stamped(5, changed('A', 50)), { moved: stamped(4, enrolled()) })
    expect(told.outcomes).toEqual(['orphan', 'applied+applied'])
    const later = tell(
      stamped(5, changed('A', 50)),
      { moved: stamped(4, enrolled()) },
      { moved: stamped(4, changed('A', 4)) },
    )
    expect(details(later)).toEqual(['conflict overtaken'])
  })

  test('has its place by its number, whatever its timestamp', () => {
    const told = tell(stamped(5, nth(1, enrolled())), { moved: stamped(1, nth(2, changed('A', 2))) })
    expect(told.outcomes).toEqual(['applied', 'applied'])
  })

  test('is overtaken as a snapshot too: it would bring old money back', () => {
    const told = tell(stamped(1, enrolled()), stamped(5, assessed([['A', 50]])), stamped(6, paid('p', 20)), {
      moved: stamped(4, snapshot(listed([['A', 50]]))),
    })
    expect(details(told)).toEqual(['conflict overtaken'])
    expect(told.suspect).toBe(true)
  })

  test('where it lay right, its timestamp does not matter', () => {
    expect(tell(stamped(9, enrolled()), stamped(4, changed('A', 4))).outcomes).toEqual(['applied', 'applied'])
  })
})
