import { describe, expect, test } from 'vitest'
import type { Said } from '../../golden/example.ts'
import { as, changed, enrolled, listed, paid, say, snapshot } from '../../golden/said.ts'
import { dayOf, isAfter, readInstant } from '../../model/clock.ts'
import { readRupees, writeRupees } from '../../model/money.ts'
import { murmur2, partitionOf } from '../../model/murmur2.ts'
import { families, feesOf, nth, outcomes, studentOf, worldOf } from '../../model/told.ts'

describe('small parts', () => {
  test.for([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ] as const)('murmur2 of %s is what Java has', ([text, hash]) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
    expect(partitionOf(text, 16)).toBe((hash & 0x7fffffff) % 16)
  })

  test('rupees are read and written without a loss', () => {
    for (const paise of [0n, 1n, 7n, 10n, 99n, 100n, 115n, 10050n, 999_999_999_999n]) {
      const plain = writeRupees(paise)
      expect(readRupees(plain)).toBe(paise)
      expect(readRupees(Number(plain))).toBe(paise)
    }
  })

  test('a moment has a day in its timezone', () => {
    expect(dayOf(readInstant('2026-06-14T18:29:59.999Z')!, 'Asia/Kolkata')).toBe('2026-06-14')
    expect(dayOf(readInstant('2026-06-14T18:30:00Z')!, 'Asia/Kolkata')).toBe('2026-06-15')
    expect(dayOf(readInstant('2026-06-15T01:00:00+05:30')!, 'UTC')).toBe('2026-06-14')
  })

  test('moments compare to any decimal', () => {
    const [one, two] = [readInstant('2026-06-01T00:00:00.1Z')!, readInstant('2026-06-01T05:30:00.10000000001+05:30')!]
    expect(isAfter(two, one)).toBe(true)
    expect(isAfter(one, two)).toBe(false)
    expect(isAfter(one, readInstant('2026-06-01T00:00:00.100Z')!)).toBe(false)
  })
})

describe('order', () => {
  test('a held event counts as held and then as applied', () => {
    const world = worldOf(nth(1, enrolled()), nth(3, changed('A', 3)), nth(2, changed('A', 2)))
    expect(outcomes(world)).toEqual(['applied', 'held+applied', 'applied'])
    expect(feesOf(world)).toEqual({ A: 3 })
  })

  test('orphans apply in order of arrival before the next held event', () => {
    const cash = (said: Said) => as(said, { source: '/cash' })
    const world = worldOf(nth(2, changed('A', 5)), cash(changed('A', 1)), cash(changed('A', 2)), nth(1, enrolled()))
    expect(outcomes(world)).toEqual(['held+applied', 'orphan+applied', 'orphan+applied', 'applied'])
    expect(feesOf(world)).toEqual({ A: 5 })
  })

  test('the 257th that would wait is an overflow, and the number that is awaited never is', () => {
    const held = Array.from({ length: 257 }, (_, index) => nth(index + 3, changed('A', index)))
    const world = worldOf(nth(1, enrolled()), ...held, nth(2, changed('A', 9999)))
    expect(world.deadLetters).toMatchObject([{ offset: 257, reason: 'overflow', settled: false }])
    expect(feesOf(world)).toEqual({ A: 255 })
    expect(studentOf(world).suspect).toBe(true)
  })

  test('an id is remembered for 256 accepted events', () => {
    const payment = as(paid('p', 10), { id: 'once', time: '2026-06-01T00:00:00Z' })
    const reversal = say('erp.payment.reversed.v1', { payment_id: 'p' })
    const others = (count: number) => Array.from({ length: count }, () => as(changed('A', 100), {}))
    const within = worldOf(enrolled(), payment, reversal, ...others(254), payment)
    expect(outcomes(within).at(-1)).toBe('duplicate')
    const beyond = worldOf(enrolled(), payment, reversal, ...others(255), payment)
    expect(outcomes(beyond).at(-1)).toBe('conflict')
    expect(families(beyond)).toEqual(['too_old'])
  })

  test('poison with a readable number keeps its place, and a corrected event under its number closes it', () => {
    const bad = nth(2, changed('A', 'x'))
    const waiting = worldOf(nth(1, enrolled()), bad, nth(3, changed('A', 3)))
    expect(outcomes(waiting)).toEqual(['applied', 'poison', 'held'])
    const closed = worldOf(nth(1, enrolled()), bad, nth(3, changed('A', 3)), nth(2, changed('A', 2)))
    expect(outcomes(closed)).toEqual(['applied', 'poison', 'held+applied', 'applied'])
    expect(studentOf(closed).why).toEqual([])
  })

  test('a snapshot settles what its source left unreadable, and lets one number go', () => {
    const broken = nth('x', changed('A', 1))
    const world = worldOf(nth(1, enrolled()), broken, snapshot(listed([['A', 7]])), nth(3, changed('A', 8)))
    expect(studentOf(world).why).toEqual([])
    expect(feesOf(world)).toEqual({ A: 8 })
  })

  test('a number of an unsequenced start below its first is judged by the snapshot', () => {
    const start = snapshot(listed([['A', 7]]))
    const first = nth(10, changed('A', 8), { time: '2026-06-03T00:00:00Z' })
    const before = worldOf(start, first, nth(9, changed('A', 9), { time: '2026-05-31T00:00:00Z' }))
    expect(outcomes(before).at(-1)).toBe('duplicate')
    const after = worldOf(start, first, nth(9, changed('A', 9), { time: '2026-06-02T00:00:00Z' }))
    expect(outcomes(after).at(-1)).toBe('conflict')
  })
})
