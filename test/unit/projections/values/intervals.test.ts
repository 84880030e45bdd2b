import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  countOf,
  firstNumbers,
  hasNumber,
  type Interval,
  type Intervals,
  intervalsOf,
  minus,
  union,
  withInterval,
} from '../../../../projections/values/intervals.ts'
import { law } from '../../../support/law.ts'

const numbers = fc.array(fc.bigInt({ min: 0n, max: 60n }), { maxLength: 25 })
const setOf = (intervals: Intervals): Set<bigint> => new Set(firstNumbers(intervals, 1000))
const isTidy = (intervals: Intervals): boolean =>
  intervals.every(([first, last], at) => first <= last && (at === 0 || intervals[at - 1]![1] + 1n < first))

describe('ranges of numbers', () => {
  law(
    'are sets, and stay apart and in order',
    fc.tuple(numbers, numbers),
    ([some, others]) => {
      const [a, b] = [intervalsOf(some), intervalsOf(others)]
      expect([a, b, union(a, b), minus(a, b)].every(isTidy)).toBe(true)
      expect(setOf(a)).toEqual(new Set(some))
      expect(setOf(union(a, b))).toEqual(new Set(some).union(new Set(others)))
      expect(setOf(minus(a, b))).toEqual(new Set(some).difference(new Set(others)))
      expect(countOf(a)).toBe(BigInt(new Set(some).size))
      for (let one = 0n; one <= 60n; one += 1n) expect(hasNumber(a, one)).toBe(some.includes(one))
    },
    { runs: 2000 },
  )

  test('join where they touch', () => {
    const apart: Intervals = [
      [1n, 2n],
      [4n, 5n],
      [9n, 9n],
    ]
    expect(withInterval(apart, [3n, 3n])).toEqual([
      [1n, 5n],
      [9n, 9n],
    ])
    expect(withInterval(apart, [7n, 6n] as Interval)).toBe(apart)
  })

  test('tell their lowest numbers, at most so many', () => {
    expect(
      firstNumbers(
        [
          [3n, 4n],
          [8n, 10n ** 18n],
        ],
        4,
      ),
    ).toEqual([3n, 4n, 8n, 9n])
  })
})
