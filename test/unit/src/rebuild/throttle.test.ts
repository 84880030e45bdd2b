import { describe, expect, test } from 'vitest'
import { throttle } from '../../../../src/rebuild/throttle.ts'

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

  test('begins with a twentieth of the time, and soon works all of it where no probe is late', () => {
    const { observe, share } = taught()
    expect(share()).toBeCloseTo(0.05)
    often(100, () => observe(1, false))
    expect(share()).toBe(1)
  })

  test('slows at once while probes are late, to a twentieth of the time, and speeds up to all of it', () => {
    const { observe, share } = taught()
    often(100, () => observe(1, false))
    const shares = Array.from({ length: 15 }, () => {
      observe(9, false)
      return share()
    })
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(shares.at(-1)).toBe(0.05)
    often(2000, () => observe(1, false))
    expect(share()).toBe(1)
  })

  test('stands still where one probe in 200 is late, and slows where two are', () => {
    const { observe, share } = taught()
    often(60, () => observe(1, false))
    observe(9, false)
    const before = share()
    const rounds = (late: number): void =>
      often(20, () => {
        often(late, () => observe(9, false))
        often(200 - late, () => observe(1, false))
      })
    rounds(1)
    expect(share()).toBeCloseTo(before)
    rounds(2)
    expect(share()).toBeLessThan(before / 2)
  })

  test('takes what is slow without the build for usual, and does not slow down for it', () => {
    const { observe, share, boundMs } = taught()
    often(20, () => observe(9, true))
    expect(share()).toBeGreaterThan(0.05)
    expect(boundMs()).toBe(18)
    often(100, () => observe(9, false))
    expect(share()).toBe(1)
  })

  test('a store that does not answer is late, and tells nothing of what is usual', () => {
    const { observe, share, boundMs } = taught()
    often(60, () => observe(1, false))
    const before = share()
    observe(Number.POSITIVE_INFINITY, false)
    expect(share()).toBeLessThan(before)
    observe(Number.POSITIVE_INFINITY, true)
    expect(boundMs()).toBe(3)
  })
})
