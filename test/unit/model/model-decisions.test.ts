import { describe, expect, test } from 'vitest'
import { as, assessed, changed, discontinued, enrolled, paid, transferred, updated } from '../../golden/said.ts'
import { modelOf, type World } from '../../model/model.ts'
import { partitionOf } from '../../model/murmur2.ts'
import { DAY, decision, feesOf, logOf, nth, outcomes, POLICY, studentOf, worldOf } from '../../model/told.ts'
import type { LogRecord } from '../../model/types.ts'

describe('misrouting', () => {
  const [home] = [partitionOf('S-1', 16)]
  const moved = (record: LogRecord, offset: number, from: string): LogRecord => ({
    ...record,
    partition: home,
    offset,
    headers: [['pullgate-rerouted-from', Buffer.from(from)]],
  })
  const at = (record: LogRecord, partition: number, offset: number): LogRecord => ({ ...record, partition, offset })

  test('an original is skipped, and its copy counts once', () => {
    const [start, fee, payment] = logOf([enrolled(), changed('A', 100), paid('p', 10)]) as [
      LogRecord,
      LogRecord,
      LogRecord,
    ]
    const world = modelOf(
      [
        at(start, home, 0),
        at(fee, home, 1),
        at(payment, home ^ 1, 0),
        moved(payment, 2, 't/1/0'),
        moved(payment, 3, 't/1/0'),
      ],
      POLICY,
    )
    expect(outcomes(world)).toEqual(['applied', 'applied', 'misrouted', 'applied', 'duplicate'])
    expect(feesOf(world)).toEqual({ A: 90 })
  })

  test('a copy without a number that was overtaken is a conflict', () => {
    const [start, early, late] = logOf([enrolled(), changed('A', 1), changed('A', 2)]) as [
      LogRecord,
      LogRecord,
      LogRecord,
    ]
    const world = modelOf([at(start, home, 0), at(late, home, 1), moved(early, 2, 't/1/0')], POLICY)
    expect(outcomes(world)).toEqual(['applied', 'applied', 'conflict'])
    expect(world.deadLetters).toMatchObject([{ detailFamily: 'overtaken' }])
  })
})

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
    const forced = worldOf(...said, decision('discard', 1, true, [{ source: '/a', number: 2n }]))
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

  test('a custom identifier finds its bearers, and a suspect one stops it', () => {
    const world = worldOf(enrolled({ custom_identifier: 7 }), updated({}))
    expect(found(world, { custom_identifier: '7' })).toBe('2026/5')
    expect(found(world, { custom_identifier: '8' })).toBe('miss')
    const suspect = worldOf(enrolled({ custom_identifier: 7 }), assessed([['A', 'x']]))
    expect(found(suspect, { custom_identifier: '7' })).toBe('suspect')
    expect(found(suspect, { identifier: 'S-2' })).toBe('miss')
  })
})
