import { describe, expect, test } from 'vitest'
import type { Probe } from '../../../../consumers/ports/probe.ts'
import { buildThrottle } from '../../../../src/rebuild/build-throttle.ts'

const WORK_MS = 8
const lowerPriority = (): void => {}

/** A clock that only sleeping and working move, and a probe that answers when the test says. */
const bench = () => {
  const state = { nowMs: 0, quiet: false, felt: (_ms: number, _quiet: boolean): void => {}, looks: 0 }
  const sleep = async (ms: number): Promise<void> => {
    state.nowMs += ms
    // What is usual is learnt at once.
    if (ms === 50) for (let i = 0; i < 100; i++) state.felt(0.3, true)
  }
  const probe: Probe = {
    start: (felt) => {
      state.felt = felt
    },
    quiet: (rests) => {
      if (rests) state.looks += 1
      state.quiet = rests
    },
    close: async () => {},
  }
  const work = async (): Promise<void> => {
    expect(state.quiet).toBe(false)
    state.nowMs += WORK_MS
  }
  return { state, sleep, probe, now: () => state.nowMs, work }
}

describe('the pace of a rebuild', () => {
  test('rests half of the time worked where nothing is measured, saved up until it is worth a timer', async () => {
    const { now, sleep, work, state } = bench()
    const { paced, restedMs } = buildThrottle({ maxRate: null, probe: null, lowerPriority, now, sleep })
    for (let i = 0; i < 10; i++) await paced(100, work)
    await paced(0, async () => {})
    expect(restedMs()).toBe(0.5 * 10 * WORK_MS)
    for (let i = 0; i < 10; i++)
      await paced(100, async () => {
        state.nowMs += 1
      })
    expect(restedMs()).toBeGreaterThanOrEqual(0.5 * 10 * WORK_MS + 3)
  })

  test('does not rest, and writes more at once, where nobody is answered from the live generation', async () => {
    const { now, sleep, work } = bench()
    const { paced, restedMs, hurry, recordsAtOnce } = buildThrottle({
      maxRate: null,
      probe: null,
      lowerPriority,
      now,
      sleep,
    })
    const carefully = recordsAtOnce()
    hurry()
    for (let i = 0; i < 100; i++) await paced(100, work)
    expect(restedMs()).toBe(0)
    expect(recordsAtOnce()).toBeGreaterThan(carefully)
  })

  test('holds a rate, and makes up for half a second at most', async () => {
    const { state, now, sleep } = bench()
    const { paced, hurry, recordsAtOnce } = buildThrottle({ maxRate: 1000, probe: null, lowerPriority, now, sleep })
    hurry()
    expect(recordsAtOnce()).toBe(200)
    const nothing = async (): Promise<void> => {}
    for (let i = 0; i < 50; i++) await paced(100, nothing)
    expect(state.nowMs).toBeGreaterThan(4700)
    expect(state.nowMs).toBeLessThan(5100)
    state.nowMs += 60_000
    const from = state.nowMs
    for (let i = 0; i < 50; i++) await paced(100, nothing)
    expect(state.nowMs - from).toBeGreaterThan(4200)
  })

  test('goes by the probe: slows down while it is late, and then speeds up again to nearly no rest', async () => {
    const { state, probe, now, sleep, work } = bench()
    const { paced, restedMs, measure, recordsAtOnce } = buildThrottle({
      maxRate: null,
      probe,
      lowerPriority,
      now,
      sleep,
    })
    await measure()
    /** The part of the time that it rested, while probes take so long. */
    const resting = async (probeMs: number, writes: number): Promise<number> => {
      const [rested, from] = [restedMs(), now()]
      for (let i = 0; i < writes; i++) {
        await paced(200, work)
        state.felt(probeMs, false)
      }
      return (restedMs() - rested) / (now() - from)
    }
    await resting(0.4, 1000)
    expect(await resting(0.4, 1000)).toBeLessThan(0.05)
    expect(recordsAtOnce()).toBe(200)
    await resting(9, 20)
    expect(await resting(9, 100)).toBeGreaterThan(0.9)
    expect(recordsAtOnce()).toBe(50)
    await resting(0.4, 2000)
    expect(await resting(0.4, 1000)).toBeLessThan(0.05)
    expect(recordsAtOnce()).toBeGreaterThan(190)
  })

  test('lets other processes go first as soon as room is to be left, and not before', async () => {
    const { probe, now, sleep } = bench()
    for (const measuring of [probe, null]) {
      let given = 0
      const { measure, hurry } = buildThrottle({
        maxRate: null,
        probe: measuring,
        lowerPriority: () => (given += 1),
        now,
        sleep,
      })
      hurry()
      expect(given).toBe(0)
      await measure()
      expect(given).toBe(1)
    }
  })

  test('looks every few seconds at what is usual without it', async () => {
    const { state, probe, now, sleep, work } = bench()
    const { paced, measure } = buildThrottle({ maxRate: null, probe, lowerPriority, now, sleep })
    await measure()
    for (let i = 0; i < 1000; i++) state.felt(0.3, false)
    state.looks = 0
    const from = now()
    while (now() - from < 60_000) await paced(200, work)
    expect(state.looks).toBeGreaterThanOrEqual(11)
  })

  test('begins a rest when the last one is done, and nothing before it is over', async () => {
    const slept = Promise.withResolvers<void>()
    const events: string[] = []
    let nowMs = 0
    const probe: Probe = {
      start: () => {},
      quiet: (rests) => events.push(rests ? 'rests' : 'goes on'),
      close: async () => {},
    }
    const { paced } = buildThrottle({
      maxRate: null,
      probe,
      lowerPriority,
      now: () => nowMs,
      sleep: () => slept.promise,
    })
    const writes = [1, 2, 3].map(() => Promise.withResolvers<void>())
    const lane = (index: number): Promise<void> =>
      paced(200, async () => {
        events.push(`begins ${index}`)
        await writes[index]!.promise
        nowMs += 10
        events.push(`ends ${index}`)
      })
    const [first, second] = [lane(0), lane(1)]
    writes[0]!.resolve()
    await first
    const third = lane(2)
    writes[1]!.resolve()
    await second
    slept.resolve()
    writes[2]!.resolve()
    await third
    const rest = ['begins 0', 'begins 1', 'ends 0', 'ends 1', 'rests', 'goes on', 'begins 2']
    expect(events.slice(0, rest.length)).toEqual(rest)
  })

  test('a write that fails is no longer waited for', async () => {
    const { now, sleep, work } = bench()
    const { paced } = buildThrottle({ maxRate: null, probe: null, lowerPriority, now, sleep })
    const failing = paced(200, async () => {
      await work()
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await paced(200, work)
  })
})
