import { compareTopic } from '../../consumers/ports/compare-topic.ts'
import type { EnsuredTopic, TopicAdmin, TopicDescription, TopicSpec } from '../../consumers/ports/log.ts'
import type { BrokerExchange } from './broker-connections.ts'
import { askAny, type Brokers } from './leader.ts'
import type { Broker } from './protocol/kafkajs-internals.ts'
import { CODE, isProtocolError, PartitionMoved } from './protocol/protocol-errors.ts'

const DEADLINE_MS = 10_000
const ATTEMPT_MS = 4000
const TOPIC_RESOURCE = 2
const BROKER_RESOURCE = 4
const DEFAULT_REPLICATION = 'default.replication.factor'
const CLUSTER_DEFAULT_REPLICATION = -1

const SETTINGS = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'message.timestamp.type',
  'max.message.bytes',
  'min.insync.replicas',
  'unclean.leader.election.enable',
]

export const topicAdmin = (brokers: Brokers): TopicAdmin => {
  const { cluster, connections } = brokers

  const find = async (topic: string, untilMs: number): Promise<TopicDescription | null> => {
    const view = await cluster.refresh(topic, untilMs).catch((error: unknown) => {
      if (error instanceof PartitionMoved && error.code === CODE.unknownTopicOrPartition) return null
      throw error
    })
    if (view === null) return null
    const copies = { replicas: view.replicas, brokers: cluster.brokers().length }
    return { name: topic, partitions: view.count, settings: await settingsOf(topic, untilMs), copies }
  }

  const settingsOf = (topic: string, untilMs: number): Promise<ReadonlyMap<string, string>> =>
    askAny(brokers, untilMs, async (broker) => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: SETTINGS }]
      const [found] = (await broker.describeConfigs({ resources })).resources
      return new Map(found?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
    })

  const describe = (topic: string) =>
    connections.run('describe topic', DEADLINE_MS, (untilMs) => find(topic, untilMs), ATTEMPT_MS)

  /** The broker that creates topics in an old cluster; with KRaft any broker forwards the request. */
  const askController = <T>(untilMs: number, exchange: BrokerExchange<T>): Promise<T> => {
    const controller = cluster.controller()
    return controller === null ? askAny(brokers, untilMs, exchange) : connections.ask(controller, untilMs, exchange)
  }

  /** The cluster's default number of copies; 1 where it does not say. */
  const defaultReplicas = (untilMs: number): Promise<number> =>
    askAny(brokers, untilMs, async (broker) => {
      const name = String(broker.nodeId ?? cluster.brokers()[0]?.nodeId ?? '')
      const resources = [{ type: BROKER_RESOURCE, name, configNames: [DEFAULT_REPLICATION] }]
      const [found] = (await broker.describeConfigs({ resources })).resources
      return Number(found?.configEntries[0]?.configValue ?? 1)
    }).catch(() => 1)

  /**
   * What an acknowledged event survives: with three copies the loss of one broker, and never an election of a broker
   * without the event.
   */
  const durability = async (untilMs: number): Promise<ReadonlyMap<string, string>> => {
    const replicas = await defaultReplicas(untilMs)
    const inSync: readonly [string, string][] = replicas >= 3 ? [['min.insync.replicas', '2']] : []
    return new Map([['unclean.leader.election.enable', 'false'], ...inSync])
  }

  const allLed = async ({ name, partitions }: TopicSpec, untilMs: number): Promise<void> => {
    const { leaders } = await cluster.refresh(name, untilMs)
    if (leaders.size < partitions) throw new PartitionMoved(name, CODE.leaderNotAvailable)
  }

  const ensure = async (spec: TopicSpec): Promise<EnsuredTopic> => {
    const before = await describe(spec.name)
    if (before !== null) return compareTopic(spec, before)
    const created = await connections.run('create topic', DEADLINE_MS, (untilMs) =>
      askController(untilMs, async (broker) => create(broker, spec, await durability(untilMs))),
    )
    await connections.run('await new topic', DEADLINE_MS, (untilMs) => allLed(spec, untilMs))
    if (created) return { kind: 'created' }
    const now = await describe(spec.name)
    return now === null ? { kind: 'created' } : compareTopic(spec, now)
  }

  const ensureTopics: TopicAdmin['ensureTopics'] = async (specs) => {
    const outcomes: EnsuredTopic[] = []
    for (const spec of specs) outcomes.push(await ensure(spec))
    return outcomes
  }

  return { describe, ensureTopics }
}

/** False where another process was faster. */
const create = async (broker: Broker, spec: TopicSpec, durability: ReadonlyMap<string, string>): Promise<boolean> => {
  const configEntries = [...durability, ...spec.settings].map(([name, value]) => ({ name, value }))
  const topic = {
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor: CLUSTER_DEFAULT_REPLICATION,
    configEntries,
  }
  try {
    await broker.createTopics({ topics: [topic], timeout: DEADLINE_MS / 2 })
    return true
  } catch (error) {
    const cause = isAggregate(error) ? error.errors[0] : error
    if (isProtocolError(cause) && cause.type === 'TOPIC_ALREADY_EXISTS') return false
    throw cause
  }
}

const isAggregate = (error: unknown): error is { errors: readonly unknown[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors)
