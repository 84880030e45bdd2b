import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Attempt } from '../../../../src/erp/attempt.ts'
import { type Breaker, erpBreaker } from '../../../../src/erp/breaker.ts'
import { systemClock } from '../../../../src/erp/clock.ts'

const sound: Attempt = { outcome: { kind: 'bad_response', detail: 'one record' }, sound: true, retryable: false }
const failed: Attempt = { outcome: { kind: 'unavailable', cause: 'status' }, sound: false, retryable: false }

describe('the window of the breaker', () => {
  let nowMs = 0
  const open: Breaker[] = []
  const breakerOf = (volume: number, timeout_ms = 1_000) => {
    const breaker = erpBreaker({
      config: { timeout_ms, breaker: { error_percent: 50, volume, reset_ms: 60_000 } },
      clock: { nowMs: () => nowMs, unixMs: () => 0 },
      random: () => 0,
      onChange: () => undefined,
    })
    open.push(breaker)
    return breaker
  }
  const run = async (breaker: Breaker, ...attempts: Attempt[]) => {
    for (const attempt of attempts) expect(await breaker.run(async () => attempt)).toBe(attempt)
  }
  afterEach(() => {
    for (const breaker of open.splice(0)) breaker.close()
  })

  test('failures older than ten seconds no longer count', async () => {
    const breaker = breakerOf(4)
    await run(breaker, failed, failed, failed)
    nowMs += 10_000
    await run(breaker, failed)
    expect(breaker.state()).toBe('closed')
    await run(breaker, failed, failed, failed)
    expect(breaker.state()).toBe('open')
  })

  test('with a long time-out the window is longer, so that a silent ERP with few callers is noticed', async () => {
    const breaker = breakerOf(3, 8_000)
    await run(breaker, failed)
    nowMs += 15_000
    await run(breaker, failed)
    nowMs += 15_000
    await run(breaker, failed)
    expect(breaker.state()).toBe('open')
  })

  test('good answers of long ago do not cover for failures of now', async () => {
    const breaker = breakerOf(4)
    await run(breaker, ...Array.from({ length: 100 }, () => sound))
    nowMs += 11_000
    await run(breaker, failed, failed, failed, failed)
    expect(breaker.state()).toBe('open')
  })

  test('a refused call is not made, and the time until the next probe is known', async () => {
    const breaker = breakerOf(1)
    await run(breaker, failed)
    nowMs += 20_000
    expect(await breaker.run(() => Promise.reject(new Error('was called')))).toBeNull()
    expect(breaker.reopensInMs()).toBe(40_000)
  })
})

describe('what opossum would do by itself', () => {
  const breakerFor = (timeout_ms: number) =>
    erpBreaker({
      config: { timeout_ms, breaker: { error_percent: 50, volume: 10_000, reset_ms: 1_000 } },
      clock: systemClock,
      random: () => 0,
      onChange: () => {},
    })

  test('a breaker that nobody uses has no timer', () => {
    vi.useFakeTimers()
    const breaker = breakerFor(1_000)
    expect(vi.getTimerCount()).toBe(0)
    breaker.close()
    vi.useRealTimers()
  })

  test('a failure after thousands of answers costs next to nothing', async () => {
    const breaker = breakerFor(1_000)
    for (let n = 0; n < 20_000; n++) await breaker.run(async () => sound)
    const before = process.cpuUsage()
    for (let n = 0; n < 200; n++) await breaker.run(async () => failed)
    const { user, system } = process.cpuUsage(before)
    // With percentiles each took more than a millisecond of CPU; without, some 30 µs.
    expect((user + system) / 1_000).toBeLessThan(120)
    breaker.close()
  })

  test('a probe that never ends, whatever became of its own time-out, does not keep it half-open for ever', async () => {
    vi.useFakeTimers()
    const states: string[] = []
    const breaker = erpBreaker({
      config: { timeout_ms: 100, breaker: { error_percent: 50, volume: 1, reset_ms: 1_000 } },
      clock: { nowMs: () => performance.now(), unixMs: () => Date.now() },
      random: () => 0,
      onChange: (state) => states.push(state),
    })
    await breaker.run(async () => failed)
    await vi.advanceTimersByTimeAsync(1_001)
    const probe = breaker.run(() => new Promise(() => {})).catch(() => 'ended')
    await vi.advanceTimersByTimeAsync(2_200)
    expect(await Promise.race([probe, 'still out'])).toBe('ended')
    await vi.advanceTimersByTimeAsync(4_000)
    expect(states).toEqual(['open', 'half-open', 'open', 'half-open'])
    expect(breaker.admits()).toBe(true)
    breaker.close()
    vi.useRealTimers()
  })
})
