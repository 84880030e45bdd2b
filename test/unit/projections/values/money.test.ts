import { describe, expect, test } from 'vitest'
import type { Paise } from '../../../../projections/values/ids.ts'
import {
  add,
  formatRupees,
  HUNDRED_PERCENT,
  least,
  MAX_PAISE,
  parsePercent,
  parseRupees,
  percentOf,
  subtract,
} from '../../../../projections/values/money.ts'

const paise = (amount: number): Paise => amount as Paise

describe('an amount in rupees becomes integer paise', () => {
  test.each([
    [0, 0],
    [-0, 0],
    [0.07, 7],
    [0.29, 29],
    [1.15, 115],
    [1.1, 110],
    [8.2, 820],
    [100.5, 10_050],
    [1e2, 10_000],
    [4.35, 435],
    [0.57, 57],
    [1_234_567.89, 123_456_789],
    [9_999_999_999.99, 999_999_999_999],
  ])('the number %d', (value, expected) => {
    expect(parseRupees(value)).toBe(expected)
  })

  test.each([
    ['0', 0],
    ['000', 0],
    ['0.00', 0],
    ['100.5', 10_050],
    ['100.50', 10_050],
    ['0007.05', 705],
    ['9999999999.99', 999_999_999_999],
    ['00000000000000000000000000001', 100],
  ])('the text %s', (value, expected) => {
    expect(parseRupees(value)).toBe(expected)
  })

  test('a number counts by its value, however it was written', () => {
    const written = '[100.10000000000000001, 1.00, 1e2, 12.50E1, 0.1e1, 100000e-2]'
    expect((JSON.parse(written) as unknown[]).map(parseRupees)).toEqual([10_010, 100, 10_000, 12_500, 100, 100_000])
  })
})

describe('what is no amount is refused', () => {
  test.each([
    [1.005],
    [0.001],
    [100.123],
    [1e-7],
    [1e21],
    [10_000_000_000],
    [9_999_999_999.995],
    [-0.01],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
  ])('the number %d', (value) => {
    expect(parseRupees(value)).toBeNull()
  })

  test.each([
    [''],
    ['1e2'],
    ['+5'],
    ['-5'],
    ['-0'],
    ['.5'],
    ['5.'],
    ['1.005'],
    ['1.000'],
    [' 1'],
    ['1 '],
    ['1\n'],
    ['1,000'],
    ['0x10'],
    ['１'],
    ['१'],
    ['10000000000'],
    ['10000000000.00'],
    ['99999999999999999999'],
    ['Infinity'],
    ['NaN'],
  ])('the text %j', (value) => {
    expect(parseRupees(value)).toBeNull()
  })

  test.each([[null], [undefined], [true], [['1']], [{}]])('the value %j', (value) => {
    expect(parseRupees(value)).toBeNull()
  })
})

describe('a percentage', () => {
  test.each([
    [0, 0],
    ['0', 0],
    [100, HUNDRED_PERCENT],
    ['100.0000', HUNDRED_PERCENT],
    [12.5, 125_000],
    ['12.5', 125_000],
    [33.3333, 333_333],
    [0.0001, 1],
    ['0.0001', 1],
    [1e-4, 1],
  ])('%j is kept in ten-thousandths of a percent', (value, expected) => {
    expect(parsePercent(value)).toBe(expected)
  })

  test.each([
    [100.0001],
    ['100.0001'],
    [101],
    [-1],
    ['-1'],
    [33.33333],
    ['33.33333'],
    ['1e1'],
    ['.5'],
    [0.00001],
    [null],
  ])('%j is refused', (value) => {
    expect(parsePercent(value)).toBeNull()
  })

  test.each([
    [1, 500_000, 1],
    [1, 499_999, 0],
    [3, 500_000, 2],
    [10_001, 500_000, 5001],
    [0, HUNDRED_PERCENT, 0],
    [999_999_999_999, HUNDRED_PERCENT, 999_999_999_999],
    [999_999_999_999, 500_000, 500_000_000_000],
    [999_999_999_999, 999_999, 999_998_999_999],
    [100_000, 333_333, 33_333],
  ])('of %d paise, %d ten-thousandths, is rounded half up to %d', (gross, percent, expected) => {
    expect(percentOf(paise(gross), percent)).toBe(expected)
  })
})

describe('paise are written as rupees with no more decimals than needed', () => {
  test.each([
    [0, '0'],
    [5, '0.05'],
    [10, '0.1'],
    [99, '0.99'],
    [100, '1'],
    [1050, '10.5'],
    [1001, '10.01'],
    [1_000_000, '10000'],
    [999_999_999_999, '9999999999.99'],
  ])('%d is %s', (amount, expected) => {
    expect(formatRupees(paise(amount))).toBe(expected)
  })
})

test('sums stay integers and stop at 2^53 - 1', () => {
  expect(add(MAX_PAISE, paise(1))).toBe(1_000_000_000_000)
  expect(add(paise(Number.MAX_SAFE_INTEGER), MAX_PAISE)).toBe(Number.MAX_SAFE_INTEGER)
  expect(subtract(paise(7), paise(7))).toBe(0)
  expect(least(paise(3), paise(2))).toBe(2)
  expect(least(paise(2), paise(3))).toBe(2)
})
