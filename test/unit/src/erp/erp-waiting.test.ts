import { describe, expect, test } from 'vitest'
import { bulkhead } from '../../../../src/erp/bulkhead.ts'
import { systemClock } from '../../../../src/erp/clock.ts'
import { singleFlight } from '../../../../src/erp/single-flight.ts'

const soon = (ms = 1_000) => {
  const at = performance.now() + ms
  return () => at
}

describe('the bulkhead', () => {
  const open = (max: number, maxWaiting = 10, maxWaitMs = 1_000) =>
    bulkhead({ max, maxWaiting, maxWaitMs, clock: systemClock })

  test('places are given in order of arrival', async () => {
    const places = open(1)
    await places.enter('a', soon())
    const order: number[] = []
    const entries = [1, 2, 3].map(async (n) => {
      await places.enter('a', soon())
      order.push(n)
      places.leave('a')
    })
    places.leave('a')
    await Promise.all(entries)
    expect(order).toEqual([1, 2, 3])
    expect(places.inside()).toBe(0)
  })

  test('the client with the fewest calls at the ERP is served first', async () => {
    const places = open(2)
    for (let n = 0; n < 2; n++) await places.enter('greedy', soon())
    const order: string[] = []
    const entries = ['greedy', 'greedy', 'other'].map(async (client) => {
      await places.enter(client, soon())
      order.push(client)
    })
    places.leave('greedy')
    await entries[2]
    expect(order).toEqual(['other'])
    places.leave('greedy')
    places.leave('greedy')
    await Promise.all(entries)
    expect(order).toEqual(['other', 'greedy', 'greedy'])
  })

  test('where the queue is full, the youngest call of the client with the most waiting gives way', async () => {
    const places = open(1, 3)
    await places.enter('greedy', soon())
    const waiting = [1, 2, 3].map(() => places.enter('greedy', soon()))
    const other = places.enter('other', soon())
    expect(await waiting[2]).toBe('full')
    expect(await places.enter('greedy', soon())).toBe('full')
    for (let n = 0; n < 3; n++) places.leave(n === 0 ? 'greedy' : n === 1 ? 'other' : 'greedy')
    expect(await Promise.all([other, waiting[0], waiting[1]])).toEqual(['entered', 'entered', 'entered'])
  })

  test('it says why there is no place', async () => {
    const places = open(1, 2, 30)
    expect(await places.enter('a', soon())).toBe('entered')
    const waiting = [places.enter('a', soon(5)), places.enter('a', soon())]
    expect(await places.enter('a', soon())).toBe('full')
    expect(await Promise.all(waiting)).toEqual(['expired', 'expired'])
    const dismissed = places.enter('a', soon())
    places.dismissWaiting('a')
    expect(await dismissed).toBe('dismissed')
    expect(places.inside()).toBe(1)
  })

  test('who expired in the queue takes no place later', async () => {
    const places = open(1)
    await places.enter('a', soon())
    expect(await places.enter('a', soon(1))).toBe('expired')
    places.leave('a')
    expect(places.inside()).toBe(0)
    expect(await places.enter('a', soon())).toBe('entered')
  })

  test('a ramp begins with one place and ends at the cap', async () => {
    const places = open(3)
    places.restartRamp()
    const entered: number[] = []
    for (const n of [1, 2, 3, 4]) places.enter('a', soon(100)).then((entry) => entry === 'entered' && entered.push(n))
    await Promise.resolve()
    const sizes = [entered.length]
    for (let success = 0; success < 6; success++) {
      places.grow()
      await new Promise(setImmediate)
      sizes.push(entered.length)
    }
    expect(sizes).toEqual([1, 1, 2, 2, 3, 3, 3])
  })
})

describe('flights', () => {
  test('work that waits for its own deadline before it is known does not fail', async () => {
    const shared = singleFlight<string>(systemClock, 'expired')
    expect(await shared.join('k', performance.now() + 500, async (until) => (until() > 0 ? 'done' : 'never'))).toBe(
      'done',
    )
  })

  test('the work may go on until the latest deadline', async () => {
    const shared = singleFlight<string>(systemClock, 'expired')
    let until: () => number = () => 0
    let land: (result: string) => void = () => undefined
    const work = (given: () => number) => {
      until = given
      return new Promise<string>((resolve) => {
        land = resolve
      })
    }
    const now = performance.now()
    const first = shared.join('k', now + 20, work)
    expect(until()).toBe(now + 20)
    const second = shared.join('k', now + 500, work)
    const third = shared.join('k', now + 100, work)
    expect(until()).toBe(now + 500)
    expect(await first).toBe('expired')
    land('done')
    expect(await Promise.all([second, third])).toEqual(['done', 'done'])
    await shared.landed()
  })

  test('a deadline that has passed starts nothing', async () => {
    const shared = singleFlight<string>(systemClock, 'expired')
    let started = 0
    const work = async () => `${started++}`
    expect(await shared.join('k', performance.now() - 1, work)).toBe('expired')
    expect(started).toBe(0)
  })
})
