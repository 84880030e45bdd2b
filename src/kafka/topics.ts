import { compareTopic } from '../../consumers/ports/compare-topic.ts'
import type { EnsuredTopic, TopicAdmin, TopicDescription, TopicSpec } from '../../consumers/ports/log.ts'
import type { BrokerExchange } from './broker-connections.ts'
import { askAny, type Brokers } from './leader.ts'
import type { Broker } from './protocol/kafkajs-internals.ts'
import { CODE, isProtocolError, PartitionMoved } from './protocol/protocol-errors.ts'

const DEADLINE_MS = 10_000
const ATTEMPT_MS = 4000
const TOPIC_RESOURCE = 2
const CLUSTER_DEFAULT_REPLICATION = -1

const SETTINGS = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'message.timestamp.type', 'max.message.bytes']

export const topicAdmin = (brokers: Brokers): TopicAdmin => {
  const { cluster, connections } = brokers

  const find = async (topic: string, untilMs: number): Promise<TopicDescription | null> => {
    const view = await cluster.refresh(topic, untilMs).catch((error: unknown) => {
      if (error instanceof PartitionMoved && error.code === CODE.unknownTopicOrPartition) return null
      throw error
    })
    return view && { name: topic, partitions: view.count, settings: await settingsOf(topic, untilMs) }
  }

  const settingsOf = (topic: string, untilMs: number): Promise<ReadonlyMap<string, string>> =>
    askAny(brokers, untilMs, async (broker) => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: SETTINGS }]
      const [found] = (await broker.describeConfigs({ resources })).resources
      return new Map(found?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
    })

  const describe = (topic: string) =>
    connections.run('describe topic', DEADLINE_MS, (untilMs) => find(topic, untilMs), ATTEMPT_MS)

  /** Whom a creation must be sent to, of an old cluster; with KRaft any broker passes it on. */
  const askController = <T>(untilMs: number, exchange: BrokerExchange<T>): Promise<T> => {
    const controller = cluster.controller()
    return controller === null ? askAny(brokers, untilMs, exchange) : connections.ask(controller, untilMs, exchange)
  }

  const allLed = async ({ name, partitions }: TopicSpec, untilMs: number): Promise<void> => {
    const { leaders } = await cluster.refresh(name, untilMs)
    if (leaders.size < partitions) throw new PartitionMoved(name, CODE.leaderNotAvailable)
  }

  const ensure = async (spec: TopicSpec): Promise<EnsuredTopic> => {
    const before = await describe(spec.name)
    if (before !== null) return compareTopic(spec, before)
    const created = await connections.run('create topic', DEADLINE_MS, (untilMs) =>
      askController(untilMs, (broker) => create(broker, spec)),
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

/** False where somebody else was faster. */
const create = async (broker: Broker, spec: TopicSpec): Promise<boolean> => {
  const configEntries = [...spec.settings].map(([name, value]) => ({ name, value }))
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
