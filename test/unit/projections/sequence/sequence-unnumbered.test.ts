import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { changed, enrolled, listed, snapshot } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

const details = (told: ReturnType<typeof tell>): string[] =>
  told.letters.map(
    ({ reason, detail }) => `${reason} ${detail.slice(0, detail.indexOf(':') < 0 ? undefined : detail.indexOf(':'))}`,
  )
const at = (time: string, said: Said): Said => ({ ...said, time })

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
