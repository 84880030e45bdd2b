import { nothing, type RealFault, sleep, type WeightedFaults } from './faults.ts'
import type { RedisPair } from './redis-pair.ts'

/** What happens to a Redis and its replica. */
export const redisPairFaults = (redis: RedisPair): WeightedFaults => {
  const redisFlushed: RealFault = {
    name: 'Redis emptied (FLUSHALL)',
    wound: async () => {
      await redis.flush()
      return nothing
    },
  }

  const redisFailover: RealFault = {
    name: 'Redis replica promoted, acknowledged writes lost',
    wound: async ({ random }) => {
      await redis.failover(300 + random.below(3000))
      return nothing
    },
  }

  const redisRestored: RealFault = {
    name: 'Redis restored from an old RDB file',
    wound: async ({ random }) => {
      await redis.save()
      await sleep(500 + random.below(4000))
      await redis.restore()
      return nothing
    },
  }

  const redisFull: RealFault = {
    name: 'Redis out of memory (writes refused)',
    wound: async ({ random }) => {
      await redis.fill()
      await sleep(500 + random.below(3000))
      return redis.empty
    },
  }

  const redisPaused: RealFault = {
    name: 'Redis paused (SIGSTOP, SIGCONT)',
    wound: async ({ random }) => {
      redis.pause()
      await sleep(500 + random.below(4000))
      return async () => redis.resume()
    },
  }

  const redisReset: RealFault = {
    name: 'connections to Redis reset',
    wound: async () => {
      redis.relay.reset()
      return nothing
    },
  }

  return [
    [2, redisFlushed],
    [2, redisFailover],
    [2, redisRestored],
    [2, redisFull],
    [2, redisPaused],
    [2, redisReset],
  ]
}
