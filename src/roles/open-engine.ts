import type { Engine } from '../../consumers/ports/engine.ts'
import type { Config } from '../config/load.ts'
import { kafkaLog } from '../kafka/kafka-log.ts'
import type { Logger } from '../logging.ts'
import { redisConnection } from '../redis/connection.ts'
import { redisProbe } from '../redis/probe.ts'
import { redisStore } from '../redis/store.ts'
import type { RedisServers } from '../redis/target.ts'
import { type EmbeddedUse, embeddedEngine } from './embedded-engine.ts'

const ENDS_PACE_MS = 1
/** How long Redis may stay silent: a pull must be able to turn to the ERP, a projector writes big batches. */
const STORE_DEADLINE_MS = { gateway: 300, projector: 3000 } as const

/**
 * Opens log and store; their servers need not run yet. Without servers it opens a file (`EmbeddedFileError` where the
 * file is unusable), and `use` names the kind of user. `unpacked` is that of another engine of this process.
 */
export const openEngine = (
  config: Config,
  role: 'gateway' | 'projector',
  log: Logger,
  use: EmbeddedUse = 'beside',
  unpacked = new SharedArrayBuffer(4),
): Engine =>
  config.servers === null
    ? embeddedEngine(config, use, log)
    : serversEngine(config, config.servers, role, log, unpacked)

/** One engine per role, each with connections of its own; roles on a file, which is made here, share one. */
export const openEngines = (
  config: Config,
  roles: readonly ('gateway' | 'projector')[],
  log: Logger,
): ReadonlyMap<'gateway' | 'projector', Engine> => {
  const shared = config.servers === null ? embeddedEngine(config, 'serve', log) : null
  return new Map(roles.map((role) => [role, shared ?? openEngine(config, role, log)]))
}

const serversEngine = (
  { topic, answers }: Config,
  { kafka, redis }: NonNullable<Config['servers']>,
  role: 'gateway' | 'projector',
  log: Logger,
  unpacked: SharedArrayBuffer,
): Engine => {
  const eventLog = kafkaLog({ ...kafka, clientId: `pullgate-${role}`, logger: log, unpacked })
  const records = answers.record && role === 'gateway'
  const recording = records ? kafkaLog({ ...kafka, clientId: 'pullgate-recorder', logger: log }) : eventLog
  const connection = redisConnection(storeTarget(redis), {
    deadlineMs: STORE_DEADLINE_MS[role],
    warn: (detail) => log.warn({ detail }, 'Redis is in trouble'),
  })
  const store = redisStore(connection, topic.partitions)
  return {
    log: eventLog,
    recording,
    store,
    names: { log: `Kafka (${kafka.brokers.join(', ')})`, store: 'Redis' },
    endsPaceMs: ENDS_PACE_MS,
    file: null,
    unpacked,
    probe: () => redisProbe(storeTarget(redis), topic.partitions),
    ready: connection.whenReady,
    close: async () => {
      await Promise.all([eventLog.close(), recording.close(), store.admin.close()])
    },
  }
}

/** What REDIS_URL says, as the store takes it. */
const storeTarget = (target: NonNullable<Config['servers']>['redis']): RedisServers => {
  const { tls, ...rest } = { tls: false, ...target }
  return tls ? { ...rest, tls: {} } : rest
}
