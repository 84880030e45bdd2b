import { kafkaLog } from '../../consumers/kafkajs/kafka-log.ts'
import type { Log as EventLog } from '../../consumers/log.ts'
import type { Config } from '../config/load.ts'
import type { Log } from '../logging.ts'
import type { ProjectionStore } from '../store/projection-store.ts'
import { redisConnection } from '../store/redis/connection.ts'
import { redisStore } from '../store/redis/store.ts'
import type { RedisTarget } from '../store/redis/target.ts'

/** The log and the store of one role, each with connections of its own. */
export type Engine = {
  readonly log: EventLog
  readonly store: ProjectionStore
  /** Resolves once the store takes commands; rejects with `store_unavailable` past the time. */
  readonly ready: (timeoutMs: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** How long Redis may stay silent: a pull must be able to turn to the ERP, a projector writes big batches. */
const STORE_DEADLINE_MS = { gateway: 300, projector: 3000 } as const

/** Opens clients; none of them needs its server to be there yet. */
export const openEngine = (config: Config, role: 'gateway' | 'projector', log: Log): Engine => {
  if (config.servers === null) throw new TypeError('no servers are configured')
  const { kafka, redis } = config.servers
  const eventLog = kafkaLog({ ...kafka, clientId: `pullgate-${role}`, logger: log })
  const connection = redisConnection(storeTarget(redis), {
    deadlineMs: STORE_DEADLINE_MS[role],
    warn: (detail) => log.warn({ detail }, 'Redis is in trouble'),
  })
  const store = redisStore(connection, config.topic.partitions)
  return {
    log: eventLog,
    store,
    ready: connection.whenReady,
    close: async () => {
      await Promise.all([eventLog.close(), store.admin.close()])
    },
  }
}

/** What REDIS_URL says, as the store takes it. */
const storeTarget = (target: NonNullable<Config['servers']>['redis']): RedisTarget => {
  const { tls, ...rest } = { tls: false, ...target }
  return tls ? { ...rest, tls: {} } : rest
}
