import { afterEach, describe, expect, test } from 'vitest'
import type { Attempt } from '../../src/erp/attempt.ts'
import { type Breaker, erpBreaker } from '../../src/erp/breaker.ts'

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
