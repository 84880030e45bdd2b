import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { changed, enrolled, erased, listed, snapshot, updated } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

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
    const forgotten = tell(enrolled(), one, ...others(256), one)
    expect(forgotten.outcomes.at(-1)).toBe('conflict')
    expect(details(forgotten)).toEqual(['conflict too_old'])
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
