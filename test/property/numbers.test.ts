import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advance,
  goOnAfter,
  isSkipped,
  MAX_RANGES,
  missing,
  NO_NUMBER_YET,
  type Numbers,
  saw,
  silence,
  skip,
} from '../../projections/state/numbers.ts'
import { decodeSource, encodeSource } from '../../projections/state/stored-source.ts'
import { sourceOf, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import { firstNumbers, type Interval, NO_NUMBERS } from '../../projections/values/intervals.ts'
import { law } from '../support/law.ts'

const number = fc.bigInt({ min: 1n, max: 40n })
const range: fc.Arbitrary<Interval> = fc
  .tuple(number, fc.bigInt({ min: 0n, max: 4n }))
  .map(([first, more]): Interval => [first, first + more])

const NOBODY = sourceOf(UNKNOWN_STUDENT, 's')

/** One step of each kind, as the fold takes them. */
type Step = (numbers: Numbers) => Numbers
const step: fc.Arbitrary<Step> = fc.oneof(
  range.map(
    (one): Step =>
      (numbers) =>
        skip(numbers, one),
  ),
  number.map(
    (one): Step =>
      (numbers) =>
        saw(numbers, one),
  ),
  number.map(
    (one): Step =>
      (numbers) =>
        silence(numbers, one),
  ),
  fc.constant<Step>((numbers) => goOnAfter(saw(numbers, numbers.applied + 1n), numbers.applied + 1n)),
  fc.constant<Step>((numbers) => advance(numbers, NO_NUMBERS, NO_NUMBERS)),
)
const anyNumbers = fc
  .array(step, { maxLength: 20 })
  .map((steps) => steps.reduce((numbers, one) => one(numbers), NO_NUMBER_YET))
const settled = (numbers: Numbers): Numbers => advance(numbers, NO_NUMBERS, NO_NUMBERS)
const skipAll = (numbers: Numbers, ranges: readonly Interval[]): Numbers =>
  ranges.reduce((soFar, one) => settled(skip(soFar, one)), numbers)

describe('the numbers of a source', () => {
  law(
    'come to the same state in whatever order they are skipped',
    fc
      .tuple(anyNumbers, fc.array(range, { maxLength: 12 }))
      .chain(([numbers, ranges]) =>
        fc.tuple(fc.constant(numbers), fc.constant(ranges), fc.shuffledSubarray(ranges, { minLength: ranges.length })),
      ),
    ([numbers, ranges, shuffled]) => {
      expect(skipAll(numbers, shuffled)).toEqual(skipAll(numbers, ranges))
    },
    { runs: 2000 },
  )

  law(
    'forget no skipped number above the applied one',
    fc.tuple(anyNumbers, range, fc.array(step, { maxLength: 20 })),
    ([numbers, [first, last], steps]) => {
      const after = steps.reduce((soFar, one) => one(soFar), skip(numbers, [first, last]))
      for (let one = first; one <= last; one += 1n) if (one > after.applied) expect(isSkipped(after, one)).toBe(true)
    },
    { runs: 2000 },
  )

  law(
    'never move back',
    fc.tuple(anyNumbers, step),
    ([numbers, one]) => {
      const after = one(numbers)
      expect(after.applied >= numbers.applied && after.highest >= numbers.highest).toBe(true)
    },
    { runs: 1000 },
  )

  law(
    'have each number up to the highest one applied, skipped or missing',
    anyNumbers,
    (numbers) => {
      const gaps = firstNumbers(missing(numbers, NO_NUMBERS, numbers.highest), 100)
      for (let one = 1n; one <= numbers.highest; one += 1n) {
        const isKnown = one <= numbers.applied || isSkipped(numbers, one)
        expect(gaps.includes(one)).toBe(!isKnown)
      }
    },
    { runs: 1000 },
  )

  law(
    'are read as they were stored',
    anyNumbers,
    (numbers) => {
      const stored = JSON.parse(JSON.stringify(encodeSource(['s', { ...NOBODY, numbers }])))
      expect(decodeSource(stored)[1].numbers).toEqual(numbers)
    },
    { runs: 1000 },
  )
})

test('ranges that were passed long ago are forgotten, the lowest first', () => {
  const odd = Array.from(
    { length: MAX_RANGES + 2 },
    (_, index): Interval => [BigInt(2 * index + 1), BigInt(2 * index + 1)],
  )
  const passed = goOnAfter(odd.reduce(skip, NO_NUMBER_YET), 10_000n)
  expect(passed.skipped).toHaveLength(MAX_RANGES)
  expect([isSkipped(passed, 3n), isSkipped(passed, 5n)]).toEqual([false, true])
})

test('of too many silenced numbers the lowest stay, so that a forgotten one counts as missing', () => {
  const many = Array.from({ length: MAX_RANGES + 1 }, (_, index) => BigInt(2 * index + 2)).reduce(
    silence,
    NO_NUMBER_YET,
  )
  expect(many.silenced).toHaveLength(MAX_RANGES)
  expect(many.silenced[0]).toEqual([2n, 2n])
})

test('a range of any length costs one step', () => {
  const far: Interval = [2n, 2n ** 62n]
  const numbers = skip(goOnAfter(saw(NO_NUMBER_YET, 2n ** 62n + 1n), 1n), far)
  expect(settled(numbers).applied).toBe(2n ** 62n)
  expect(missing(numbers, NO_NUMBERS, 2n ** 62n + 1n)).toEqual([[2n ** 62n + 1n, 2n ** 62n + 1n]])
})
