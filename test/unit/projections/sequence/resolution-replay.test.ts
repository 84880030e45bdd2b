import { describe, expect, test } from 'vitest'
import { changed, enrolled, paid, transferred } from '../../../golden/said.ts'
import { bare, decision, nth } from '../../../support/events.ts'
import { type Entry, feesOf, recordsOf, tell } from '../../../support/tell.ts'

const BAD = changed('A', -1)

/** The record that an entry of the list became. */
const letterAt = (offset: number, ...entries: readonly Entry[]) => recordsOf(entries)[offset]!.record

describe('a replay', () => {
  test('puts the letter into its place, and what waited for it goes on', () => {
    const entries = [nth(1, enrolled()), nth(2, BAD), nth(3, changed('A', 3))]
    const mended = bare({ ...nth(2, changed('A', 2)), id: 'e1' }, { offset: 1 })
    const told = tell(...entries, decision('replay', [mended]))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied+applied+applied'])
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('before what is missing holds the event', () => {
    const mended = bare({ ...nth(3, changed('A', 3)), id: 'e1' }, { offset: 1 })
    const told = tell(nth(1, enrolled()), nth(3, BAD), decision('replay', [mended]), nth(2, changed('A', 2)))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held+applied', 'applied+applied'])
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('of one without a place needs force, and applies after what came later', () => {
    const entries = [nth(1, enrolled()), nth(2, changed('A', 2)), nth(2, changed('A', 22)), nth(3, changed('A', 3))]
    const letter = letterAt(2, ...entries)
    const refused = tell(...entries, decision('replay', [letter]))
    expect(refused.outcomes.at(-1)).toBe('ignored')
    expect(refused.suspect).toBe(true)
    const forced = tell(...entries, decision('replay', [letter], { force: true }))
    expect(forced.suspect).toBe(false)
    expect(feesOf(forced)).toEqual({ A: 22 })
  })

  test('of an event without a number needs force', () => {
    const entries = [nth(1, enrolled()), changed('A', 5)]
    const letter = letterAt(1, ...entries)
    expect(tell(...entries, decision('replay', [letter])).suspect).toBe(true)
    expect(feesOf(tell(...entries, decision('replay', [letter], { force: true })))).toEqual({ A: 5 })
  })

  test('by force reads an event without the number that cannot be read, and lets go of one', () => {
    const entries = [nth(1, enrolled()), nth('two', changed('A', 2)), nth(3, changed('A', 3))]
    const letter = letterAt(1, ...entries)
    expect(tell(...entries, decision('replay', [letter])).suspect).toBe(true)
    const forced = tell(...entries, decision('replay', [letter], { force: true }))
    expect(forced.suspect).toBe(false)
    expect(feesOf(forced)).toEqual({ A: 3 })
  })

  test('judges afresh: what is still bad is open again, and keeps its place', () => {
    const entries = [nth(1, enrolled()), nth(2, BAD), nth(3, changed('A', 3))]
    const replayed = decision('replay', [letterAt(1, ...entries)])
    const told = tell(...entries, replayed)
    expect(told.outcomes.at(-1)).toBe('poison+applied')
    expect(told.suspect).toBe(true)
    expect(told.letters.map(({ place }) => place.offset)).toEqual([1, 1])
    expect(told.state.letters.map(({ place, settled }) => [place.offset, settled])).toEqual([[1, false]])
    expect(tell(...entries, replayed, decision('discard', [1])).suspect).toBe(false)
  })

  test('of a conflict that turns out poison is one letter, for the new reason', () => {
    const entries = [
      nth(1, enrolled()),
      nth(2, transferred({ grade: '6' })),
      nth(2, paid('p', 1)),
      nth(3, changed('A', 1, { grade: '6' })),
    ]
    const told = tell(...entries, decision('replay', [letterAt(2, ...entries)], { force: true }))
    expect(told.state.letters.map(({ reason, settled }) => [reason, settled])).toEqual([['poison', false]])
  })

  test('finds no more room than an arrival does', () => {
    const early = Array.from({ length: 257 }, (_, index) => nth(index + 3, changed('A', index)))
    const entries = [nth(1, enrolled()), ...early]
    const told = tell(...entries, decision('replay', [letterAt(257, ...entries)]))
    expect(told.outcomes.at(-1)).toBe('poison+applied')
    expect(told.state.waiting).toHaveLength(256)
    expect(told.state.letters.map(({ reason, settled }) => [reason, settled])).toEqual([['overflow', false]])
  })

  test('of an event about a transferred enrolment is poison still', () => {
    const entries = [
      nth(1, enrolled()),
      nth(2, transferred({ grade: '6' })),
      nth(3, paid('p', 1)),
      nth(4, changed('A', 1)),
    ]
    const told = tell(...entries, decision('replay', [letterAt(2, ...entries)]))
    expect(told.suspect).toBe(true)
    expect(told.outcomes[3]).toBe('held')
  })

  test('by force never lets a repeat be one: the operator has decided', () => {
    const one = { ...changed('A', 1), id: 'x', time: '2026-06-01T09:00:00Z' }
    const entries = [enrolled(), one, { ...one, data: changed('A', 2).data }]
    const told = tell(...entries, decision('replay', [letterAt(2, ...entries)], { force: true }))
    expect(feesOf(told)).toEqual({ A: 2 })
  })

  test('of another student’s record does nothing', () => {
    const foreign = bare({ ...changed('A', 1, { identifier: 'S-2' }), id: 'e1' }, { offset: 1 })
    const told = tell(enrolled(), BAD, decision('replay', [foreign], { force: true }))
    expect(told.outcomes.at(-1)).toBe('ignored')
    expect(told.suspect).toBe(true)
  })
})

test('a decision whose data makes no sense is poison', () => {
  const { data, ...rest } = decision('discard', [1])
  const told = tell(enrolled(), { ...rest, data: { ...(data as object), action: 'burn' } })
  expect(told.outcomes).toEqual(['applied', 'poison'])
})

test('a decision of any other source is an unknown type', () => {
  const told = tell(enrolled(), BAD, { ...decision('discard', [1]), source: '/erp/main' })
  expect(told.outcomes).toEqual(['applied', 'poison', 'poison'])
  expect(told.letters.at(-1)!.detail).toContain('unknown_type')
})
