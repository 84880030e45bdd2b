import { describe, expect, test } from 'vitest'
import { throttle } from '../../src/rebuild/throttle.ts'

const often = (times: number, what: () => void): void => {
  for (let i = 0; i < times; i++) what()
}

/** Knows that 0.5 ms is usual: below the floor. */
const taught = () => {
  const made = throttle()
  often(100, () => made.learn(0.5))
  return made
}

describe('the throttle of a rebuild', () => {
  test('bounds probes at twice what 99 of 100 take without the build, and not below a floor', () => {
    const { learn, boundMs } = throttle()
    often(99, () => learn(0.5))
    expect(boundMs()).toBe(3)
    often(300, () => learn(7))
    expect(boundMs()).toBe(14)
    often(300, () => learn(0.5))
    expect(boundMs()).toBe(3)
  })

  test('does not let one straggler in a hundred say what is usual', () => {
    const { learn, boundMs } = throttle()
    often(99, () => learn(0.5))
    learn(80)
    expect(boundMs()).toBe(3)
  })

  test('slows at once while probes are late, to a twentieth of the time, and speeds up to all of it', () => {
    const { felt, rest } = taught()
    often(1000, () => felt(1, false))
    expect(rest()).toBe(0)
    const rests = Array.from({ length: 15 }, () => {
      felt(9, false)
      return rest()
    })
    expect(rests).toEqual(rests.toSorted((a, b) => a - b))
    expect(rests.at(-1)).toBeCloseTo(19)
    often(1000, () => felt(1, false))
    expect(rest()).toBe(0)
  })

  test('stands still where one probe in a hundred is late, and slows where two are', () => {
    const { felt, rest } = taught()
    const before = rest()
    const rounds = (late: number): void =>
      often(20, () => {
        often(late, () => felt(9, false))
        often(100 - late, () => felt(1, false))
      })
    rounds(1)
    expect(rest()).toBeCloseTo(before)
    rounds(2)
    expect(rest()).toBeGreaterThan(10 * before)
  })

  test('takes what is slow without the build for usual, and does not slow down for it', () => {
    const { felt, rest, boundMs } = taught()
    const before = rest()
    often(20, () => felt(9, true))
    expect(rest()).toBeLessThan(before)
    expect(boundMs()).toBe(18)
    often(1000, () => felt(9, false))
    expect(rest()).toBe(0)
  })

  test('a store that does not answer is late, and tells nothing of what is usual', () => {
    const { felt, rest, boundMs } = taught()
    const before = rest()
    felt(Number.POSITIVE_INFINITY, false)
    expect(rest()).toBeGreaterThan(before)
    felt(Number.POSITIVE_INFINITY, true)
    expect(boundMs()).toBe(3)
  })
})
