import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { changed, enrolled, transferred } from '../../../golden/said.ts'
import { binary, decision, nth, recordOf } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

const BAD = changed('A', -1)

describe('a bad event', () => {
  test('makes its student suspect, and says where it lies and why', () => {
    const told = tell(enrolled(), BAD)
    expect(told.suspect).toBe(true)
    expect(told.answers.suspect).toBe(true)
    expect(told.letters).toMatchObject([{ place: { partition: 0, offset: 1 }, reason: 'poison' }])
  })

  test('keeps its place: later events of its source wait for it', () => {
    expect(tell(nth(1, enrolled()), nth(2, BAD), nth(3, changed('A', 3))).outcomes).toEqual([
      'applied',
      'poison',
      'held',
    ])
  })

  test('lets events of other sources and without numbers fold', () => {
    const told = tell(nth(1, enrolled()), nth(2, BAD), { ...changed('A', 3), source: '/erp/b' })
    expect(told.outcomes.at(-1)).toBe('applied')
    expect(tell(enrolled(), BAD, changed('A', 3)).outcomes.at(-1)).toBe('applied')
  })

  test('without a readable number lets its source go on', () => {
    expect(tell(nth(1, enrolled()), nth('x', BAD), nth(2, changed('A', 2))).outcomes.at(-1)).toBe('applied')
  })

  test('again is a duplicate of its letter, unless nothing of it can be read', () => {
    const one: Said = { ...nth(2, BAD), id: 'x', time: '2026-06-01T09:00:00Z' }
    expect(tell(nth(1, enrolled()), one, one).outcomes.at(-1)).toBe('duplicate')
    const unread = binary({ ...one, id: 'y' }, {}, Buffer.from('{'))
    expect(tell(enrolled(), unread, unread).outcomes.at(-1)).toBe('duplicate')
    expect(tell(enrolled(), recordOf('{'), recordOf('{')).outcomes.at(-1)).toBe('poison')
  })

  test('with other content is another letter', () => {
    const one: Said = { ...BAD, id: 'x', time: '2026-06-01T09:00:00Z' }
    expect(tell(enrolled(), one, { ...one, data: changed('A', -2).data }).outcomes.at(-1)).toBe('poison')
  })
})

describe('poison is closed', () => {
  test('by an accepted event of its id', () => {
    const told = tell(enrolled(), { ...BAD, id: 'x' }, { ...changed('A', 2), id: 'x' })
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied'])
    expect(told.suspect).toBe(false)
  })

  test('by an accepted event of its number, and what waited goes on', () => {
    const told = tell(nth(1, enrolled()), nth(2, BAD), nth(3, changed('A', 3)), nth(2, changed('A', 2)))
    expect(told.outcomes.at(-1)).toBe('applied+applied')
    expect(told.suspect).toBe(false)
  })

  test('by an event of its id under another number, and its own number is missing still', () => {
    const told = tell(nth(1, enrolled()), nth(3, BAD, { id: 'x' }), nth(2, changed('A', 2), { id: 'x' }))
    expect(told.state.letters.map(({ settled }) => settled)).toEqual([true])
    expect(told.suspect).toBe(true)
    expect(
      tell(nth(1, enrolled()), nth(3, BAD, { id: 'x' }), nth(2, changed('A', 2), { id: 'x' }), nth(3, changed('A', 3)))
        .suspect,
    ).toBe(false)
  })

  test('by an event that is held', () => {
    const told = tell(nth(1, enrolled()), nth(3, BAD), nth(3, changed('A', 3)), nth(2, changed('A', 2)))
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('by no event of another source', () => {
    expect(tell(enrolled(), { ...BAD, id: 'x' }, { ...changed('A', 2), id: 'x', source: '/erp/b' }).suspect).toBe(true)
    expect(tell(nth(1, enrolled()), nth(2, BAD), nth(1, changed('A', 2), { source: '/erp/b' })).suspect).toBe(true)
  })

  test('and a conflict is not: who is right, only a snapshot or an operator can tell', () => {
    const told = tell(nth(1, enrolled()), nth(3, changed('A', 3)), nth(3, changed('A', 33)), nth(2, changed('A', 2)))
    expect(told.outcomes).toEqual(['applied', 'held', 'conflict', 'applied+applied'])
    expect(told.suspect).toBe(true)
  })
})

describe('an event that turns out bad at its turn', () => {
  const entries = [
    nth(1, enrolled()),
    nth(3, changed('A', 1)),
    nth(2, transferred({ grade: '6' })),
    nth(4, enrolled({}, { grade: '7' })),
  ]

  test('dies where it lay, and keeps its place', () => {
    const told = tell(...entries)
    expect(told.outcomes).toEqual(['applied', 'held', 'applied+poison', 'held'])
    expect(told.letters).toMatchObject([{ place: { offset: 1 }, reason: 'poison' }])
    expect(told.letters[0]!.detail).toBe('transferred_away')
  })

  test('may be said again under its id: that was not remembered', () => {
    const told = tell(...entries, { ...nth(3, changed('A', 1, { grade: '6' })), id: 'e1' })
    expect(told.outcomes.at(-1)).toBe('applied+applied')
    expect(told.suspect).toBe(false)
  })
})

test('settled letters are remembered, 256 of them', () => {
  const bad = (index: number): Said => ({ ...BAD, id: `bad-${index}`, time: '2026-06-01T09:00:00Z' })
  const letters = Array.from({ length: 257 }, (_, index) => bad(index))
  const told = tell(
    enrolled(),
    ...letters.slice(0, 200),
    decision('discard', offsetsOf(1, 200)),
    ...letters.slice(200),
    decision('discard', offsetsOf(202, 57)),
    bad(0),
    bad(1),
  )
  expect(told.outcomes.slice(-2)).toEqual(['poison', 'duplicate'])
})

const offsetsOf = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index)
