import { describe, expect, test } from 'vitest'
import { suspectReasonsOf } from '../../../../projections/sequence/suspect-reasons.ts'
import type { Said } from '../../../golden/example.ts'
import { as, changed, enrolled, erased, listed, snapshot } from '../../../golden/said.ts'
import { decision, nth, recordOf } from '../../../support/events.ts'
import { type Entry, feesOf, tell, tellBatch, tellOn } from '../../../support/tell.ts'

const BAD = changed('A', -1)
const B = { source: '/erp/b' }
const LATER = { time: '2026-07-01T00:00:00Z' }
const bad = (count: number, more: Partial<Said> = {}, first = 0): Said[] =>
  Array.from({ length: count }, (_, index) => as(BAD, { id: `bad-${first + index}`, ...more }))
const numbered = (count: number, first: number): Said[] =>
  Array.from({ length: count }, (_, index) => nth(first + index, BAD, { id: `n-${first + index}` }))
const garbage = (count: number): Entry[] => Array.from({ length: count }, () => recordOf('{'))
const heals = (told: ReturnType<typeof tell>, said: Entry) =>
  tellOn({ bytes: told.bytes, count: 1000 }, [said]).suspect === false

describe('256 open letters of a student are known one by one', () => {
  test('and one more floods its source: it is counted, and no more than that', () => {
    const told = tell(enrolled(), ...bad(300))
    expect(told.letters).toHaveLength(300)
    expect(told.state.letters).toHaveLength(256)
    expect(told.state.floods).toMatchObject([{ source: '/erp/main', count: 44, unread: 0, since: 257 }])
    expect(suspectReasonsOf(told.state).at(-1)).toMatchObject({ kind: 'flood' })
  })

  test('however many come, the state and the cost of one more stay as they are', () => {
    const some = tell(enrolled(), ...bad(400))
    const many = tellBatch({ bytes: some.bytes, count: 401 }, bad(4000, {}, 400))
    expect(many.bytes.length - some.bytes!.length).toBeLessThan(100)
    expect(many.state.floods[0]!.count).toBe(4400 - 256)
  })

  test('one of an unknown source floods the student', () => {
    expect(tell(enrolled(), ...garbage(257)).state.floods).toMatchObject([{ source: null, count: 1, unread: 1 }])
  })

  test('and 64 sources have a flood of their own, the others one together', () => {
    const letters = Array.from({ length: 400 }, (_, index) => as(BAD, { source: `/s/${index}` }))
    const told = tell(enrolled(), ...letters)
    expect(told.state.floods).toHaveLength(65)
    expect(told.state.floods.at(-1)).toMatchObject({ source: '', count: 400 - 256 - 64 })
  })
})

describe('a flood is settled', () => {
  const flooded = tell(enrolled(), ...bad(300))

  test('by a snapshot of its source, and by no other source’s', () => {
    const healing = { ...snapshot(listed([['A', 1]])), ...LATER }
    expect(heals(flooded, healing)).toBe(true)
    const other = tellOn({ bytes: flooded.bytes, count: 1000 }, [{ ...healing, ...B }])
    expect(other.suspect).toBe(true)
    expect(other.state.floods).toHaveLength(1)
  })

  test('by any snapshot, where its source is unknown', () => {
    const told = tell(enrolled(), ...garbage(300))
    expect(heals(told, { ...snapshot(listed([['A', 1]])), ...B, time: '2041-01-01T00:00:00Z' })).toBe(true)
  })

  test('by an erasure', () => {
    expect(heals(flooded, { ...erased(), ...B, ...LATER })).toBe(true)
  })

  test('by a forced discard of all, and by none that is not forced', () => {
    const letters = Array.from({ length: 256 }, (_, index) => index + 1)
    const all = (force: boolean) => decision('discard', letters, { force, flooded: true })
    expect(heals(flooded, all(true))).toBe(true)
    expect(heals(flooded, all(false))).toBe(false)
  })

  test('never by being said again, one by one', () => {
    const told = tell(enrolled(), ...bad(300), ...bad(300).map((said) => ({ ...changed('A', 1), id: said.id! })))
    expect(told.state.letters.filter(({ settled }) => !settled)).toEqual([])
    expect(told.suspect).toBe(true)
  })
})

describe('the numbers of a flood', () => {
  test('are missing, until they are let go of by name', () => {
    const entries = [nth(1, enrolled()), ...numbered(300, 2), nth(302, changed('A', 9))]
    const told = tell(...entries)
    expect(suspectReasonsOf(told.state)[0]).toMatchObject({ kind: 'gap', missing: [[258n, 301n]] })
    const letters = Array.from({ length: 256 }, (_, index) => index + 1)
    const let_go = [{ source: '/erp/main', sequence: '258', last: '301' }]
    const healed = tell(...entries, decision('discard', letters, { force: true, flooded: true, let_go }))
    expect(healed.suspect).toBe(false)
    expect(feesOf(healed)).toEqual({ A: 9 })
  })

  test('that could not be read let go of one number each', () => {
    const unread = bad(260, { sequence: 'x' })
    const entries = [nth(1, enrolled()), ...unread, nth(263, changed('A', 9))]
    const letters = unread.map((_, index) => index + 1)
    const told = tell(...entries, decision('discard', letters, { force: true, flooded: true }))
    expect(told.suspect).toBe(true)
    expect(suspectReasonsOf(told.state)).toMatchObject([{ kind: 'gap', missing: [[262n, 262n]] }])
  })

  test('go on after the highest one with a snapshot', () => {
    const told = tell(
      nth(1, enrolled()),
      ...numbered(300, 2),
      { ...snapshot(listed([['A', 1]])), ...LATER },
      nth(302, changed('A', 9)),
    )
    expect(told.outcomes.slice(-2)).toEqual(['applied', 'applied'])
    expect(told.suspect).toBe(false)
  })
})

describe('a snapshot is stale', () => {
  test('where a letter of a flood is younger, about whatever enrolment', () => {
    const letters = bad(300, { ...B, time: '2026-06-01T12:00:00Z' })
    const told = (time: string) =>
      tell(enrolled(), ...letters, { ...snapshot(listed([['A', 1]], { grade: '9' })), time })
    expect(told('2026-06-01T11:00:00Z').letters.at(-1)!.detail).toBe('stale_snapshot')
    expect(told('2026-06-01T12:00:00Z').outcomes.at(-1)).toBe('applied')
  })
})
