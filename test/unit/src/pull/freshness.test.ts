import { describe, expect, test } from 'vitest'
import { isAlive, strictFreshness } from '../../../../src/pull/freshness.ts'

describe('strict freshness', () => {
  test.each([
    [5, 5, 'proven'],
    [4, 5, 'behind'],
    [6, 5, 'beyond'],
    [0, 0, 'proven'],
    [null, 0, 'behind'],
    [null, 1, 'behind'],
    [5, null, 'unknown'],
    [null, null, 'unknown'],
  ] as const)('applied up to %s of a log that ends at %s is %s', (next, end, expected) => {
    expect(strictFreshness(next, end)).toBe(expected)
  })
})

describe('a watched publisher', () => {
  test('is alive while its heartbeat is no older than it may be', () => {
    expect(isAlive(1000, 4000, 3000)).toBe(true)
    expect(isAlive(1000, 4001, 3000)).toBe(false)
  })

  test('is alive now where its heartbeat is of the future', () => {
    expect(isAlive(9000, 4000, 0)).toBe(true)
  })

  test('is dead until it is seen', () => {
    expect(isAlive(undefined, 0, 1_000_000)).toBe(false)
  })
})
