import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Probe } from '../../consumers/ports/probe.ts'
import { type BuildThrottle, buildThrottle } from '../../src/rebuild/build-throttle.ts'
import { redisProbe } from '../../src/redis/probe.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { until } from '../support/until.ts'

const now = (): number => performance.now()

let redis: PrivateRedis
let store: OpenedStore
let probe: Probe
let paced: BuildThrottle
let ended: boolean

beforeEach(async () => {
  redis = await privateRedis()
  store = await openStore(targetOf(redis.port), { deadlineMs: 3000 })
  await store.admin.activate(null, await store.admin.newGeneration())
  probe = redisProbe(targetOf(redis.port), 4)
  paced = buildThrottle({ maxRate: null, probe: blunted(probe), lowerPriority: () => {}, now, sleep })
  ended = false
})
afterEach(async () => {
  ended = true
  await paced.close()
  await store.connection.close()
  await redis.close()
})

const BLUNT = 50

/** A busy machine delays a probe too: only what takes Redis hundreds of milliseconds is to count here. */
const blunted = (real: Probe): Probe => ({
  ...real,
  start: (felt) => real.start((ms, quiet) => felt(ms / BLUNT, quiet)),
})

/** Somebody else's scripts, each of which keeps Redis from everybody for a while. */
const SPIN = `local t = redis.call('TIME') local till = t[1] * 1000000 + t[2] + ARGV[1]
repeat t = redis.call('TIME') until t[1] * 1000000 + t[2] >= till return 1`

const loading = async (wanted: () => boolean): Promise<void> => {
  while (wanted() && !ended) await store.connection.run((client) => client.eval(SPIN, 0, '500000')).then(() => sleep(5))
}

/** Writes for ever; tells the part of the time that the last ones were rested for. */
const writing = () => {
  const state = { resting: Number.NaN, over: Promise.resolve() }
  const write = async (): Promise<void> => {
    while (!ended) {
      const [rested, from] = [paced.restedMs(), now()]
      for (let i = 0; i < 10; i++) await paced.paced(200, () => sleep(5))
      state.resting = (paced.restedMs() - rested) / (now() - from)
    }
  }
  state.over = write()
  return state
}

describe('the throttle of a rebuild, on a real Redis', () => {
  it('slows the build while something else keeps Redis busy, and speeds it up again', async () => {
    await paced.measure()
    const written = writing()
    await until('it hardly rests', () => written.resting < 0.3, 100_000)
    let loads = true
    const load = loading(() => loads)
    await until('it rests most of the time', () => written.resting > 0.7, 100_000)
    loads = false
    await load
    await until('it rests less and less again', () => written.resting < 0.5, 100_000)
    ended = true
    await written.over
  }, 320_000)

  it('tells rests from work, and what does not answer from what answers late', async () => {
    const felt: { readonly ms: number; readonly quiet: boolean }[] = []
    probe.quiet(true)
    probe.start((ms, quiet) => felt.push({ ms, quiet }))
    await until('it has looked', () => felt.length > 5)
    expect(felt.every(({ quiet }) => quiet)).toBe(true)
    probe.quiet(false)
    await until('it notices the work', () => felt.at(-1)?.quiet === false)
    await redis.kill()
    await until('it notices that nobody answers', () => felt.at(-1)?.ms === Number.POSITIVE_INFINITY)
    await redis.start()
    await until('it goes on by itself', () => Number.isFinite(felt.at(-1)?.ms))
  })
})
