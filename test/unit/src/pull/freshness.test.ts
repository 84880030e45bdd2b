import { describe, expect, test } from 'vitest'
import type { ScoutedForStudent } from '../../../../consumers/ports/scouted.ts'
import { hasNothingPending, isAlive, strictFreshness } from '../../../../src/pull/freshness.ts'

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

describe('a student of a partition that is behind', () => {
  const AHEAD: ScoutedForStudent = {
    identity: 'log.0',
    from: 10,
    upTo: 20,
    everybody: -1,
    misrouted: -1,
    mark: -1,
    proof: null,
  }
  const END = { identity: 'log.0', end: 20 }

  test.each<[string, Partial<ScoutedForStudent>, boolean]>([
    ['who has no event in what was scanned', {}, true],
    ['whose last event is applied', { mark: 11 }, true],
    ['whose last event is the next to be applied', { mark: 12 }, false],
    ['whose last event is further ahead', { mark: 19 }, false],
    ['while a record that may be anybody’s is not applied', { everybody: 12 }, false],
    ['once a record that may be anybody’s is applied', { everybody: 11 }, true],
    ['where what is next to be applied was not scanned', { from: 13 }, false],
    ['where the end that was asked for was not reached', { upTo: 19 }, false],
    ['where more was scanned than was asked for', { upTo: 30 }, true],
    ['where another log was scanned', { identity: 'log.1' }, false],
  ])('%s: nothing is pending', (_who, part, expected) => {
    expect(hasNothingPending({ ...AHEAD, ...part }, 12, END)).toBe(expected)
  })

  test('of whom nothing is known ahead may have anything pending', () => {
    expect(hasNothingPending(null, 12, END)).toBe(false)
    expect(hasNothingPending(undefined, 12, END)).toBe(false)
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
