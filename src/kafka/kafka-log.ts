import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ISocketFactory, type KafkaConfig, logLevel } from 'kafkajs'
import type { Consumer, Follower, Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { unpackBudget } from '../log/unpack-budget.ts'
import { type TlsFiles, type TlsTexts, tlsReader } from '../tls-files.ts'
import { logAppender } from './appender.ts'
import { brokerClock } from './broker-clock.ts'
import { openBrokerConnections } from './broker-connections.ts'
import { openCluster } from './cluster.ts'
import { startConsumer } from './consumer.ts'
import { kafkaFollower } from './follower.ts'
import type { Brokers } from './leader.ts'
import { kafkajsLogs, type LinkLogger } from './logger.ts'
import { openSasl, type Sasl, type SaslSettings } from './login/sasl.ts'
import { memberName } from './member-name.ts'
import { offsetLookups } from './offsets.ts'
import { brokerFactory } from './protocol/kafkajs-internals.ts'
import { logReader } from './reader.ts'
import { topicAdmin } from './topics.ts'

export type KafkaLogOptions = {
  /** `host:port` of some brokers, which name the others. */
  readonly brokers: readonly string[]
  /** Group members connect under this id, followed by host and process. */
  readonly clientId: string
  readonly ssl?: false | TlsFiles
  readonly sasl?: SaslSettings
  readonly logger: LinkLogger
  /** Milliseconds that a pull may wait for the end offsets. */
  readonly offsetsDeadlineMs?: number
  /** Milliseconds that a publisher may wait for the acknowledgement. */
  readonly appendDeadlineMs?: number
  /** Room for unpacked batches that is shared with another log of this process; absent: the log's own. */
  readonly unpacked?: SharedArrayBuffer | undefined
  /** Reaches the brokers at other addresses than they advertise: through a tunnel or a proxy. */
  readonly route?: (host: string, port: number) => { readonly host: string; readonly port: number }
}

const OFFSETS_DEADLINE_MS = 1000
const APPEND_DEADLINE_MS = 5000
const CONNECT_MS = 1000

/** The log on Kafka. It connects at the first call. */
export const kafkaLog = (options: KafkaLogOptions): Log => {
  const { logger } = options
  const sasl = options.sasl && openSasl(options.sasl)
  const makeBroker = brokerFactory(kafkajsConfig(options, sasl))
  const cluster = openCluster(openBrokerConnections(makeBroker, logger))
  // One set of connections for each purpose: a broker answers a connection's requests in order, so a long one would
  // delay a short one.
  const open = (factory = makeBroker): Brokers => ({ cluster, connections: openBrokerConnections(factory, logger) })
  const [asking, reading, writing] = [open(), open(), open()]
  const timing = openBrokerConnections(makeBroker, logger)
  const member = memberName(options.clientId)
  const makeMembersBroker = brokerFactory({ ...kafkajsConfig(options, sasl), clientId: member.name })
  const consumers = new Set<Consumer>()
  const followers = new Set<Follower>()
  const budget = unpackBudget(options.unpacked)
  let closed = false

  const offsets = offsetLookups(asking, options.offsetsDeadlineMs ?? OFFSETS_DEADLINE_MS)
  const admin = topicAdmin(reading)

  const consume: Log['consume'] = async (topic, group, handler) => {
    if (closed) throw new LogError('refused', 'consume: the log is closed')
    const consumer = startConsumer({
      brokers: open(makeMembersBroker),
      spareConnections: open(),
      member,
      logger,
      topic,
      group,
      budget,
      handler,
      ended: () => consumers.delete(consumer),
    })
    consumers.add(consumer)
    return consumer
  }

  const follow: Log['follow'] = (topic, handler) => {
    if (closed) throw new LogError('refused', 'follow: the log is closed')
    const follower = kafkaFollower({
      brokers: open(),
      logger,
      topic,
      budget,
      handler,
      ended: () => followers.delete(follower),
    })
    followers.add(follower)
    return follower
  }

  return {
    ...admin,
    endOffsets: offsets.end,
    startOffsets: offsets.start,
    ends: offsets.ends,
    domains: offsets.domains,
    read: logReader(reading),
    append: logAppender(writing, options.appendDeadlineMs ?? APPEND_DEADLINE_MS),
    consume,
    follow,
    clock: brokerClock(timing),
    close: async () => {
      closed = true
      await Promise.all([...consumers, ...followers].map((reader) => reader.stop()))
      for (const { connections } of [asking, reading, writing]) connections.close()
      timing.close()
      cluster.close()
      sasl?.close()
    },
  }
}

const kafkajsConfig = (options: KafkaLogOptions, sasl: Sasl | undefined): KafkaConfig => ({
  brokers: [...options.brokers],
  clientId: options.clientId,
  connectionTimeout: CONNECT_MS,
  enforceRequestTimeout: false, // the link has deadlines of its own
  retry: { retries: 0 },
  logLevel: logLevel.WARN,
  logCreator: kafkajsLogs(options.logger),
  socketFactory: sockets(options.route, options.ssl ? tlsReader(options.ssl) : null),
  // The sockets have the certificates.
  ssl: Boolean(options.ssl),
  ...(sasl !== undefined && { sasl: sasl.config }),
})

/** Without Nagle's delay, which kafkajs leaves on: a small request after another would wait up to 40 ms. */
const sockets =
  (route: KafkaLogOptions['route'], readTls: (() => TlsTexts) | null): ISocketFactory =>
  ({ host, port, onConnect }) => {
    const to = route?.(host, port) ?? { host, port }
    const socket = readTls
      ? connectTls({ ...to, ...(isIP(host) === 0 && { servername: host }), ...readTls() }, onConnect)
      : connectTcp(to, onConnect)
    return socket.setNoDelay(true).setKeepAlive(true, 60_000)
  }
