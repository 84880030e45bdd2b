import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { as, changed, enrolled, erased, listed, snapshot } from '../../../golden/said.ts'
import { decision, nth } from '../../../support/events.ts'
import { recordsOf, tell, tellBatch } from '../../../support/tell.ts'

const of = (index: number): Partial<Said> => ({ source: `/s/${index}` })
const many = (count: number): Said[] =>
  Array.from({ length: count }, (_, index) => as(index === 0 ? enrolled() : changed('A', index), of(index)))
const FULL = many(64)
const LATER = { time: '2026-07-01T00:00:00Z' }
const FURTHER = { source: '/further' }
const NOTHING = { bytes: null, count: 0 }
const detailsOf = (told: Pick<ReturnType<typeof tell>, 'letters'>) =>
  told.letters.map(({ reason, detail }) => `${reason} ${detail}`)

describe('a student has room for 64 sources', () => {
  test('a further one’s event is a dead letter', () => {
    const told = tell(...FULL, as(changed('A', 1), FURTHER))
    expect(told.outcomes.at(-1)).toBe('poison')
    expect(detailsOf(told)).toEqual(['overflow too_many_sources'])
    expect(told.state.sources.size).toBe(64)
  })

  test('a further one’s snapshot makes it one of them, and settles what it left open', () => {
    const told = tell(
      ...FULL,
      as(changed('A', 1), FURTHER),
      as(snapshot(listed([['A', 1]])), { ...FURTHER, ...LATER }),
      as(changed('A', 2), { ...FURTHER, ...LATER }),
    )
    expect(told.outcomes.slice(-2)).toEqual(['applied', 'applied'])
    expect(told.suspect).toBe(false)
    expect(told.state.sources.size).toBe(65)
  })

  test('a further one’s erasure applies, and it stays a further one', () => {
    const told = tell(...FULL, as(erased(), { ...FURTHER, ...LATER }), as(enrolled(), { ...FURTHER, ...LATER }))
    expect(told.outcomes.slice(-2)).toEqual(['applied', 'poison'])
    expect(told.state.sources.size).toBe(64)
    expect(
      tell(
        ...FULL,
        { ...as(erased(), FURTHER), id: 'x', ...LATER },
        { ...as(erased(), FURTHER), id: 'x', ...LATER },
      ).outcomes.at(-1),
    ).toBe('duplicate')
  })

  test('a further one’s letters may be discarded, and a replay finds no more room than an arrival does', () => {
    const entries = [...FULL, as(changed('A', 1), FURTHER)]
    expect(tell(...entries, decision('discard', [64])).suspect).toBe(false)
    const replayed = tell(...entries, decision('replay', [recordsOf(entries)[64]!.record], { force: true }))
    expect(replayed.outcomes.at(-1)).toBe('poison+applied')
    expect(replayed.suspect).toBe(true)
  })

  test('no number of a further one is kept, and a type that is not ours is ignored', () => {
    const foreign: Said = { type: 'com.example.bus', data: { student: { identifier: 'S-1' } }, ...FURTHER }
    const told = tell(...FULL, nth(7, as(changed('A', -1), FURTHER)), nth(8, foreign))
    expect(told.outcomes.slice(-2)).toEqual(['poison', 'ignored'])
    expect(told.state.sources.has('/further')).toBe(false)
  })
})

/** Each of another source, and a minute younger than the one before. */
const emptySnapshots = (count: number): Said[] =>
  Array.from({ length: count }, (_, index) =>
    as(snapshot(), { ...of(500 + index), time: new Date(Date.parse(LATER.time) + index * 60_000).toISOString() }),
  )

describe('sources without end', () => {
  test('make the state no larger: thousands of them', () => {
    const first = tellBatch(NOTHING, [
      ...FULL,
      ...Array.from({ length: 400 }, (_, index) => as(changed('A', 1), of(1000 + index))),
    ])
    const rest = Array.from({ length: 3000 }, (_, index) => as(changed('A', 1), of(2000 + index)))
    const told = tellBatch({ bytes: first.bytes, count: 464 }, rest)
    expect(told.state.sources.size).toBe(64)
    expect(told.bytes.length).toBeLessThan(first.bytes.length + 5000)
  })

  test('that send snapshots make it larger up to 128, and the oldest without an enrolment is forgotten', () => {
    const snapshots = emptySnapshots(200)
    const told = tellBatch(NOTHING, [...FULL, ...snapshots])
    expect(told.outcomes.slice(-200).every((outcome) => outcome === 'applied')).toBe(true)
    expect(told.state.sources.size).toBe(128)
    expect([told.state.sources.has('/s/0'), told.state.sources.has('/s/1')]).toEqual([true, false])
  })

  test('that were forgotten are not believed when they tell something old again', () => {
    const snapshots = emptySnapshots(600)
    const told = tellBatch(NOTHING, [...FULL, ...snapshots, { ...snapshots[0]!, id: 'again' }])
    expect(detailsOf(told)).toEqual(['conflict too_old'])
  })
})
