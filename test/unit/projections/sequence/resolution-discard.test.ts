import { describe, expect, test } from 'vitest'
import { suspectReasonsOf } from '../../../../projections/sequence/suspect-reasons.ts'
import type { Said } from '../../../golden/example.ts'
import { changed, enrolled } from '../../../golden/said.ts'
import { decision, nth, recordOf } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

const BAD = changed('A', -1)
const GARBAGE = recordOf('{')

describe('a discard', () => {
  test('lets the sequence go on without the letter', () => {
    const told = tell(nth(1, enrolled()), nth(2, BAD), nth(3, changed('A', 3)), decision('discard', [1]))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied+applied'])
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('makes a conflict of whatever comes under that number later', () => {
    const told = tell(nth(1, enrolled()), nth(2, BAD), decision('discard', [1]), nth(2, changed('A', 2)))
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'conflict'])
    expect(told.letters.at(-1)!.detail).toContain('number_let_go')
  })

  test('leaves the same record a duplicate of its settled letter', () => {
    const one = { ...nth(2, BAD), id: 'x', time: '2026-06-01T09:00:00Z' }
    const told = tell(nth(1, enrolled()), one, decision('discard', [1]), one)
    expect(told.outcomes.at(-1)).toBe('duplicate')
    expect(told.suspect).toBe(false)
  })

  test('of one beyond a hole leaves the student suspect until the hole is filled', () => {
    const told = tell(nth(1, enrolled()), nth(3, BAD), decision('discard', [1]))
    expect(told.suspect).toBe(true)
    const filled = tell(
      nth(1, enrolled()),
      nth(3, BAD),
      decision('discard', [1]),
      nth(2, changed('A', 2)),
      nth(4, changed('A', 4)),
    )
    expect(filled.outcomes.slice(-2)).toEqual(['applied', 'applied'])
    expect(filled.suspect).toBe(false)
  })

  test('of 300 letters beyond a hole heals the student once the hole is filled', () => {
    const letters = (first: number) => Array.from({ length: 150 }, (_, index) => nth(first + index, BAD))
    const offsets = (first: number) => Array.from({ length: 150 }, (_, index) => first + index)
    const told = tell(
      nth(1, enrolled()),
      ...letters(3),
      decision('discard', offsets(1)),
      ...letters(153),
      decision('discard', offsets(152)),
      nth(2, changed('A', 2)),
    )
    expect(told.suspect).toBe(false)
    expect(told.state.sources.get('/erp/main')!.numbers).toMatchObject({ applied: 302n, skipped: [[3n, 302n]] })
  })

  test('of a conflict leaves the event alone that has the number', () => {
    const told = tell(
      nth(1, enrolled()),
      nth(3, changed('A', 3)),
      nth(3, changed('A', 33)),
      decision('discard', [2]),
      nth(2, changed('A', 2)),
    )
    expect(feesOf(told)).toEqual({ A: 3 })
    expect(told.suspect).toBe(false)
  })

  test('of one without a number changes nothing but the suspicion', () => {
    const told = tell(enrolled(), BAD, decision('discard', [1]), changed('A', 2))
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'applied'])
    expect(told.suspect).toBe(false)
  })

  test('of a settled letter, or of one that is not there, does nothing', () => {
    const told = tell(enrolled(), BAD, decision('discard', [1]), decision('discard', [1]), decision('discard', [77]))
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'ignored', 'ignored'])
  })

  test('is one decision, however often it is written', () => {
    const one = { ...decision('discard', [1]), id: 'x', time: '2026-06-01T10:00:00Z' }
    const told = tell(enrolled(), BAD, one, one)
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'duplicate'])
  })
})

describe('discarding a letter whose number could not be read', () => {
  const unread = nth('x', changed('A', 2))

  test('lets go of the number that is missing', () => {
    const told = tell(nth(1, enrolled()), unread, nth(3, changed('A', 3)), decision('discard', [1]))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied+applied'])
    expect(told.suspect).toBe(false)
  })

  test('lets go, where none is missing, of the one that the next number finds missing', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      decision('discard', [1]),
      nth(3, changed('A', 3)),
      nth(5, changed('A', 5)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'applied', 'held'])
  })

  test('lets go of none if the next number finds none missing', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      decision('discard', [1]),
      nth(2, changed('A', 2)),
      nth(4, changed('A', 4)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'applied', 'held'])
  })

  test('counts a bad event’s number as the next one', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      decision('discard', [1]),
      nth(3, BAD),
      nth(5, changed('A', 5)),
      nth(3, changed('A', 3)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'poison', 'held', 'applied'])
    expect(told.suspect).toBe(true)
  })

  test('lets go of a number for each letter', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      nth('y', changed('A', 2)),
      decision('discard', [1, 2]),
      nth(4, changed('A', 4)),
    )
    expect(told.outcomes.at(-1)).toBe('applied')
  })

  test('of an unknown source lets go of nothing, but by force of the numbers that are named', () => {
    const gap: Said[] = [nth(1, enrolled()), nth(3, changed('A', 3))]
    expect(tell(...gap, GARBAGE, decision('discard', [2])).suspect).toBe(true)
    const let_go = [{ source: '/erp/main', sequence: '2' }]
    expect(tell(...gap, GARBAGE, decision('discard', [2], { let_go })).suspect).toBe(true)
    const told = tell(...gap, GARBAGE, decision('discard', [2], { force: true, let_go }))
    expect(told.outcomes.at(-1)).toBe('applied+applied')
    expect(told.suspect).toBe(false)
  })

  test('of a source that uses no numbers leaves it without: its events go on, and nothing is missing', () => {
    const let_go = [{ source: '/erp/main', sequence: '7' }]
    const told = tell(enrolled(), GARBAGE, decision('discard', [1], { force: true, let_go }), changed('A', 3))
    expect(told.outcomes.at(-1)).toBe('applied')
    expect(told.suspect).toBe(false)
  })

  test('leaves a conflict under a number that was let go open when the sequence passes it', () => {
    const told = tell(
      nth(1, enrolled()),
      nth(3, BAD),
      decision('discard', [1]),
      nth(3, changed('A', 3)),
      nth(2, changed('A', 2)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'conflict', 'applied'])
    expect(told.suspect).toBe(true)
    expect(told.state.letters.map(({ settled }) => settled)).toEqual([true, false])
  })

  test('lets go of whole ranges of numbers, but not of those that are held', () => {
    const let_go = [{ source: '/erp/main', sequence: '2', last: '4000000000' }]
    const told = tell(
      nth(1, enrolled()),
      nth(3, changed('A', 3)),
      nth(4_000_000_001, changed('A', 4)),
      GARBAGE,
      decision('discard', [3], { force: true, let_go }),
    )
    expect(told.outcomes.at(-1)).toBe('applied+applied+applied')
    expect(feesOf(told)).toEqual({ A: 4 })
    expect(told.suspect).toBe(false)
  })

  test('of a number that no event has reached yet makes nobody suspect', () => {
    const let_go = [{ source: '/erp/main', sequence: '5' }]
    const told = tell(nth(1, enrolled()), GARBAGE, decision('discard', [1], { force: true, let_go }))
    expect(told.suspect).toBe(false)
    expect(suspectReasonsOf(told.state)).toEqual([])
  })

  test('never lets go of a number that is held or applied, by force neither', () => {
    const let_go = ['1', '3'].map((sequence) => ({ source: '/erp/main', sequence }))
    const told = tell(
      nth(1, enrolled()),
      nth(3, changed('A', 3)),
      GARBAGE,
      decision('discard', [2], { force: true, let_go }),
      nth(2, changed('A', 2)),
    )
    expect(told.outcomes.at(-1)).toBe('applied+applied')
  })
})
