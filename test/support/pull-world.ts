import type { NewRecord } from '../../consumers/ports/log.ts'
import { liveConfig } from '../../src/config/live.ts'
import { loadConfig } from '../../src/config/load.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { buildLog } from '../../src/logging.ts'
import { dimensionsOf } from '../../src/metrics/dimensions.ts'
import { buildMetrics } from '../../src/metrics/metrics.ts'
import { redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import { runGateway } from '../../src/roles/gateway.ts'
import { basic, cheapHash } from '../integration/http-edge.ts'
import { startProxy, type TcpProxy } from '../integration/kafka-proxy.ts'
import { privateRedis } from './private-redis.ts'
import { freePort, openProgram, type Running } from './program.ts'
import { targetOf } from './redis-store.ts'
import { freshTopic, openLog, sharedBrokers } from './shared-kafka.ts'

/**
 * A projector process and gateways in this one, on a real Kafka and a Redis of their own; between the gateways and the two
 * stand proxies that can fall silent or refuse, while the projector goes on.
 */
export type PullWorld = {
  readonly topic: string
  readonly redis: TcpProxy
  readonly kafka: TcpProxy
  readonly projector: Running
  /** Resolves when Kafka has acknowledged. */
  readonly publish: (records: readonly NewRecord[]) => Promise<void>
  /** A gateway with these settings over the common ones; its port. */
  readonly gateway: (settings: object, storeDeadlineMs?: number) => Promise<number>
  readonly close: () => Promise<void>
}

export const WORLD_PARTITIONS = 4
/** For a machine that does something else as well: what is not meant to fail must not, however slow it is. */
export const PATIENT_MS = 3_000

/** Clients: `all`, `one` (BLR-01), `two` (BLR-01 and BLR-02), each with its name as its secret. */
export const credentials = (client: string): string => basic(client, client)

const CLIENTS = [
  { username: 'all', branches: 'all' },
  { username: 'one', branches: ['BLR-01'] },
  { username: 'two', branches: ['BLR-01', 'BLR-02'] },
].map((client) => ({ ...client, secrets: [cheapHash(client.username)] }))

/** @param settings of the projector and of all gateways, over the usual ones */
export const openPullWorld = async (settings: object = {}): Promise<PullWorld> => {
  const publisherLog = openLog()
  const topic = await freshTopic(publisherLog, WORLD_PARTITIONS)
  const server = await privateRedis()
  const kafka = await startProxy(sharedBrokers().split(','))
  const redis = await startProxy([`127.0.0.1:${server.port}`])
  const common = {
    topic: { name: topic, partitions: WORLD_PARTITIONS },
    policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
    clients: CLIENTS,
    ...settings,
  }
  const program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${server.port}`,
    config: JSON.stringify(common),
  })
  const projector = await program.start('projector')
  const closings: (() => Promise<void>)[] = []

  const quiet = buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false })
  const engineOf = async (storeDeadlineMs: number) => {
    const port = redis.route('127.0.0.1', server.port).port
    const connection = redisConnection(targetOf(port), { deadlineMs: storeDeadlineMs })
    closings.push(connection.close)
    await connection.whenReady(10_000)
    return {
      log: eventLog,
      recording: eventLog,
      store: redisStore(connection, WORLD_PARTITIONS),
      names: { log: 'Kafka', store: 'Redis' },
      endsPaceMs: 1,
      file: null,
      probe: () => null,
      ready: connection.whenReady,
      close: async () => {},
    }
  }
  const eventLog = kafkaLog({
    brokers: sharedBrokers().split(','),
    clientId: 'world',
    logger: quiet,
    route: kafka.route,
  })

  const gateway = async (own: object, storeDeadlineMs = PATIENT_MS): Promise<number> => {
    const engine = await engineOf(storeDeadlineMs)
    const port = await freePort()
    const env = { HOST: '127.0.0.1', PORT: String(port), METRICS_PORT: '0', ERP_PASSWORD: 'secret' }
    const text = JSON.stringify({ ...common, ...own })
    const loaded = loadConfig({ file: 'pullgate.yaml', env, readFile: () => text })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const live = liveConfig(loaded.config)
    const metrics = buildMetrics(['gateway'], dimensionsOf(loaded.config))
    const role = await runGateway({
      engine,
      live,
      reread: () => loaded,
      metrics,
      tracing: null,
      log: quiet,
      onRefused: () => {},
    })
    closings.push(role.close)
    return port
  }

  return {
    topic,
    redis,
    kafka,
    projector,
    publish: async (records) => {
      await publisherLog.append(records)
    },
    gateway,
    close: async () => {
      for (const close of closings.reverse()) await close()
      await Promise.all([eventLog.close(), publisherLog.close(), program.close()])
      await Promise.all([kafka.close(), redis.close(), server.close()])
    },
  }
}
