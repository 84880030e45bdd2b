import { describe, expect, test } from 'vitest'
import { as, assessed, changed, discontinued, enrolled, paid, transferred, updated } from '../../golden/said.ts'
import { modelOf, type World } from '../../model/model.ts'
import { DAY, decision, feesOf, logOf, nth, outcomes, POLICY, settle, studentOf, worldOf } from '../../model/told.ts'

describe('decisions', () => {
  test('a discard lets the sequence go on', () => {
    const world = worldOf(
      nth(1, enrolled()),
      nth(2, changed('A', 'x')),
      nth(3, changed('A', 3)),
      decision('discard', 1),
    )
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 3 })
    expect(world.deadLetters).toMatchObject([{ settled: true }])
  })

  test('a discarded number never comes back', () => {
    const world = worldOf(
      nth(1, enrolled()),
      nth(2, changed('A', 'x')),
      decision('discard', 1),
      nth(2, changed('A', 2)),
    )
    expect(world.deadLetters).toMatchObject([{ settled: true }, { detailFamily: 'number_let_go' }])
  })

  test('discarding what has no readable number lets the missing one go', () => {
    const world = worldOf(
      nth(1, enrolled()),
      nth('x', changed('A', 2)),
      nth(3, changed('A', 3)),
      decision('discard', 1),
    )
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 3 })
  })

  test('discarding garbage of an unknown source needs its numbers named', () => {
    const said = [nth(1, enrolled()), Buffer.from('garbage'), nth(3, changed('A', 3))] as const
    expect(studentOf(worldOf(...said, decision('discard', 1))).why).toHaveLength(2)
    const forced = worldOf(...said, decision('discard', 1, true, [{ source: '/a', from: 2n, to: 2n }]))
    expect(studentOf(forced).why).toEqual([])
  })

  test('a replayed conflict needs force, and applies after what came later', () => {
    const said = [
      enrolled(),
      as(paid('p', 10), { id: 'x' }),
      as(paid('p', 20), { id: 'x' }),
      changed('A', 100),
    ] as const
    expect(studentOf(worldOf(...said, decision('replay', 2))).suspect).toBe(true)
    const forced = worldOf(...said, decision('replay', 2, true))
    expect(studentOf(forced).why).toEqual([])
    expect(feesOf(forced)).toEqual({ A: 80 })
  })

  test('a replay puts an overflow into its place', () => {
    const held = Array.from({ length: 257 }, (_, index) => nth(index + 3, changed('A', index)))
    const world = worldOf(nth(1, enrolled()), ...held, nth(2, changed('A', 9999)), decision('replay', 257))
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 256 })
  })

  test('a replay of what is still broken leaves it open', () => {
    const world = worldOf(nth(1, enrolled()), nth(2, changed('A', 'x')), decision('replay', 1))
    expect(world.deadLetters).toMatchObject([{ settled: false }])
  })
})

describe('what no dead letter stands for', () => {
  test('a missing number is let go, and what waited for it applies', () => {
    const world = worldOf(nth(1, enrolled()), nth(9, changed('A', 3)), settle([], [2n, 8n]))
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 3 })
  })

  test('numbers are let go as an interval, however many they are', () => {
    const most = 2n ** 63n - 1n
    const world = worldOf(nth(1, enrolled()), nth(String(most), changed('A', 3)), settle([], [2n, most - 1n]))
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 3 })
  })

  test('a held event is dropped, and the sequence goes on without its number', () => {
    const said = [nth(1, enrolled()), nth(3, changed('A', 3)), settle([1])] as const
    expect(studentOf(worldOf(...said)).why).toEqual(['hole: /a'])
    const world = worldOf(...said, nth(2, changed('A', 2)), nth(4, changed('B', 4)), nth(3, changed('A', 5)))
    expect(outcomes(world).at(-1)).toBe('conflict')
    expect(feesOf(world)).toEqual({ A: 2, B: 4 })
  })

  test('a dropped orphan heals the student, and is a duplicate when it comes again', () => {
    const orphan = as(changed('A', 3, { grade: '6' }), { id: 'o', time: '2026-06-01T09:01:00Z' })
    const world = worldOf(enrolled(), orphan, settle([1]), orphan)
    expect(studentOf(world).why).toEqual([])
    expect(outcomes(world)).toEqual(['applied', 'orphan+ignored', 'applied', 'duplicate'])
  })
})

describe('looking up', () => {
  const inGrade6 = { grade: '6' }
  const found = (world: World, query: object) => {
    const result = world.lookUp(query, DAY)
    return result.kind === 'match' ? `${result.enrolment.place.yearStart}/${result.enrolment.place.grade}` : result.kind
  }

  test('active ones win over left ones, then the latest year, and two of that year are ambiguous', () => {
    const old = enrolled({}, { academic_year_start: '2025', academic_year_end: '2026' })
    expect(found(worldOf(old, enrolled()), { identifier: 'S-1' })).toBe('2026/5')
    expect(found(worldOf(old, enrolled(), discontinued()), { identifier: 'S-1' })).toBe('2025/5')
    const two = worldOf(enrolled(), enrolled({}, inGrade6))
    expect(found(two, { identifier: 'S-1' })).toBe('ambiguous')
    expect(found(two, { identifier: 'S-1', grade: '6' })).toBe('2026/6')
    expect(found(two, { identifier: 'S-1', academic_year_start: '02026', grade: '5' })).toBe('2026/5')
    expect(found(two, { identifier: 'S-1', grade: '7' })).toBe('miss')
  })

  test('among left ones of a year the one that left last wins', () => {
    const world = worldOf(enrolled(), transferred(inGrade6), discontinued({}, inGrade6))
    expect(found(world, { identifier: 'S-1' })).toBe('2026/6')
  })

  test('a leaving came into force on its day, not when it was announced', () => {
    const announced = discontinued({ effective_on: '2026-06-10' })
    const world = worldOf(enrolled(), announced, enrolled({}, inGrade6), discontinued({}, inGrade6))
    expect(found(world, { identifier: 'S-1' })).toBe('2026/5')
  })

  test('several active years are ambiguous where the operator wants it so', () => {
    const old = enrolled({}, { academic_year_start: '2025', academic_year_end: '2026' })
    const log = logOf([old, enrolled()])
    const ambiguous = modelOf(log, { ...POLICY, several_years: 'ambiguous' }, { partitions: 1 })
    expect(found(ambiguous, { identifier: 'S-1' })).toBe('ambiguous')
    expect(found(ambiguous, { identifier: 'S-1', academic_year_start: '2025' })).toBe('2025/5')
  })

  test('a custom identifier finds its bearers, and a suspect one stops it', () => {
    const world = worldOf(enrolled({ custom_identifier: 7 }), updated({}))
    expect(found(world, { custom_identifier: '7' })).toBe('2026/5')
    expect(found(world, { custom_identifier: '8' })).toBe('miss')
    const suspect = worldOf(enrolled({ custom_identifier: 7 }), assessed([['A', 'x']]))
    expect(found(suspect, { custom_identifier: '7' })).toBe('suspect')
    expect(found(suspect, { identifier: 'S-2' })).toBe('miss')
  })
})
