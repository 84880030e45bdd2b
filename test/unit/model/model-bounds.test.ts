import { describe, expect, test } from 'vitest'
import type { Said } from '../../golden/example.ts'
import { as, changed, enrolled, listed, paid, snapshot } from '../../golden/said.ts'
import { decision, feesOf, nth, outcomes, studentOf, worldOf } from '../../model/told.ts'

const list = as(snapshot(listed([['A', 7]])), { time: '2026-06-30T00:00:00Z' })
const many = (count: number, said: (index: number) => Said) => Array.from({ length: count }, (_, index) => said(index))

describe('256 open letters', () => {
  const broken = (index: number) => as(paid(`p${index}`, 'x'), { id: `b${index}`, time: '2026-06-02T00:00:00Z' })

  test('are known one by one; beyond that their source is flooded', () => {
    const full = worldOf(enrolled(), ...many(256, broken))
    expect(studentOf(full).why).toHaveLength(256)
    const flooded = worldOf(enrolled(), ...many(300, broken))
    expect(studentOf(flooded).why).toHaveLength(257)
    expect(flooded.deadLetters).toHaveLength(300)
  })

  test('a repeat is a duplicate of a letter that is known, and another letter where it is not', () => {
    const world = worldOf(enrolled(), ...many(257, broken), broken(0), broken(256))
    expect(outcomes(world).slice(-2)).toEqual(['duplicate', 'poison'])
  })

  test('a snapshot of the flooded source settles all, one of another source none', () => {
    const said = [enrolled(), ...many(300, broken)] as const
    expect(studentOf(worldOf(...said, list)).why).toEqual([])
    expect(studentOf(worldOf(...said, as(list, { source: '/cash' }))).why).toHaveLength(257)
  })

  test('an unknown source is flooded for itself, and any snapshot settles that', () => {
    const garbage = Array.from({ length: 300 }, (_, index) => Buffer.from(`garbage ${index}`))
    const late = as(list, { source: '/cash', time: '2026-07-20T00:00:00Z' })
    expect(studentOf(worldOf(enrolled(), ...garbage)).why.at(-1)).toBe('flooded: unknown source')
    expect(studentOf(worldOf(enrolled(), ...garbage, late)).why).toEqual([])
  })

  test('discarding all by force settles all', () => {
    const all = {
      ...decision('discard', 0, true),
      letters: many(256, () => enrolled()).map((_, index) => ({ partition: 0, offset: index + 1 })),
      all: true,
    }
    expect(studentOf(worldOf(enrolled(), ...many(300, broken), all)).why).toEqual([])
  })
})

describe('64 sources', () => {
  const from = (index: number) => as(changed('A', index), { source: `/s${index}`, id: 'one' })

  test('find room; an event of one more is an overflow', () => {
    const world = worldOf(as(enrolled(), { source: '/s0', id: 'zero' }), ...many(64, from))
    expect(studentOf(world).why).toEqual([])
    const more = worldOf(as(enrolled(), { source: '/s0', id: 'zero' }), ...many(65, from))
    expect(more.deadLetters).toMatchObject([{ reason: 'overflow', settled: false }])
    expect(feesOf(more)).toEqual({ A: 63 })
  })

  test('a snapshot makes its source one of them', () => {
    const late = as(list, { source: '/s64' })
    const world = worldOf(
      as(enrolled(), { source: '/s0', id: 'zero' }),
      ...many(65, from),
      late,
      as(from(64), { id: 'two' }),
    )
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 64 })
  })
})

test('a hole as wide as numbers go costs nothing', () => {
  const most = String(2n ** 63n - 1n)
  const world = worldOf(nth(1, enrolled()), nth(most, changed('A', 1)), nth('x', changed('A', 2)), list)
  expect(studentOf(world).why).toEqual([])
})
