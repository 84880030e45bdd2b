import { openRedisPair } from './redis-pair.ts'
import { redisPairFaults } from './redis-pair-faults.ts'
import type { LabRedis } from './servers.ts'

/** A Redis and its replica behind one address. */
export const openLabPair = async (): Promise<LabRedis> => {
  const redis = await openRedisPair()
  return {
    url: redis.url,
    servers: { kind: 'single', host: '127.0.0.1', port: redis.relay.port },
    faults: redisPairFaults(redis),
    close: redis.close,
  }
}
