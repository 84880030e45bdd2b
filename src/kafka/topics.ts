import { compareTopic } from '../../consumers/ports/compare-topic.ts'
import type { EnsuredTopic, TopicAdmin, TopicDescription, TopicSpec } from '../../consumers/ports/log.ts'
import type { BrokerConnections } from './broker-connections.ts'
import type { Broker } from './protocol/kafkajs-internals.ts'
import { CODE, isProtocolError, PartitionMoved } from './protocol/protocol-errors.ts'

const DEADLINE_MS = 10_000
const TOPIC_RESOURCE = 2
const CLUSTER_DEFAULT_REPLICATION = -1

const SETTINGS = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'message.timestamp.type', 'max.message.bytes']

export const topicAdmin = (link: BrokerConnections): TopicAdmin => {
  const find = (topic: string): Promise<TopicDescription | null> =>
    link.topic(topic).then(
      async ({ partitions }) => ({ name: topic, partitions: partitions.length, settings: await settingsOf(topic) }),
      (error: unknown) => {
        if (error instanceof PartitionMoved && error.code === CODE.unknownTopicOrPartition) return null
        throw error
      },
    )

  const settingsOf = async (topic: string): Promise<ReadonlyMap<string, string>> => {
    const broker = await link.seed()
    const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: SETTINGS }]
    const [found] = (await broker.describeConfigs({ resources })).resources
    return new Map(found?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
  }

  const describe = (topic: string) =>
    link.run('describe topic', DEADLINE_MS, () => {
      link.stale(topic)
      return find(topic)
    })

  const ensure = async (spec: TopicSpec): Promise<EnsuredTopic> => {
    const before = await describe(spec.name)
    if (before !== null) return compareTopic(spec, before)
    const created = await link.run('create topic', DEADLINE_MS, async () =>
      create(await controller(link, spec.name), spec),
    )
    await link.run('await new topic', DEADLINE_MS, () => link.leaders(spec.name, [...Array(spec.partitions).keys()]))
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

/** The broker that a creation must be sent to; with KRaft any forwards it. A topic's metadata names it, also an unknown one's. */
const controller = async (link: BrokerConnections, topic: string): Promise<Broker> => {
  const metadata = await link.anyMetadata(topic)
  const address = metadata.brokers.find(({ nodeId }) => nodeId === metadata.controllerId)
  return address === undefined ? link.seed() : link.broker(address)
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
