import type { Domains } from '../../consumers/ports/domains.ts'
import type { Address, TopicMetadata } from './protocol/metadata.ts'
import { CODE } from './protocol/protocol-errors.ts'

export type Leader = { readonly address: Address; readonly epoch: number }

/** One state of a topic: the same object while nothing in it changes. */
export type TopicView = {
  readonly topicId: string
  /** Number of partitions. */
  readonly count: number
  /** Number of brokers that keep each partition: the lowest of all partitions. */
  readonly replicas: number
  /** By partition; a partition without a leader is missing. */
  readonly leaders: ReadonlyMap<number, Leader>
  /** The partitions by leader; those without a leader last. */
  readonly domains: Domains
}

/** A broker's claim to be leader, sent with an answer. */
export type LeaderClaim = {
  readonly nodeId: number
  readonly topicId: string
  readonly partition: number
  readonly epoch: number
}

/** The last answer of one broker. */
type Answer = { readonly askedMs: number; readonly topicId: string; readonly epochs: ReadonlyMap<number, number> }

type Seen = { readonly epoch: number; readonly leader: number }

/** What several brokers have reported about one topic; some of them may be behind. */
export const topicKnowledge = () => {
  const answers = new Map<number | null, Answer>()
  const addresses = new Map<number, Address>()
  /** The highest epoch of each partition: an answer with an older epoch names a former leader. */
  let highest = new Map<number, Seen>()
  let topicId = ''
  let count = 0
  let replicas = 0
  let view: TopicView | null = null
  let signature = ''

  /** A recreated topic has a new id. The most recent answer is the best, and epochs begin again. */
  const turnTo = (id: string): void => {
    if (topicId === id) return
    topicId = id
    count = 0
    highest = new Map()
  }

  const render = (): void => {
    const leaders = new Map<number, Leader>()
    for (let partition = 0; partition < count; partition += 1) {
      const seen = highest.get(partition)
      const address = seen && addresses.get(seen.leader)
      if (seen && address) leaders.set(partition, { address, epoch: seen.epoch })
    }
    const now = JSON.stringify([topicId, count, replicas, [...leaders]])
    if (now === signature && view !== null) return
    signature = now
    view = { topicId, count, replicas, leaders, domains: domainsOf(leaders, count) }
  }

  return {
    view: () => view,

    /** @param nodeId the broker that answered; `null`: one of the configured list */
    take: (nodeId: number | null, askedMs: number, metadata: TopicMetadata): void => {
      for (const address of metadata.brokers) addresses.set(address.nodeId, address)
      if (metadata.code !== CODE.none) {
        answers.delete(nodeId)
        const isElsewhere = [...answers.values()].some((answer) => answer.askedMs >= askedMs)
        if (metadata.code === CODE.unknownTopicOrPartition && !isElsewhere) view = null
        return
      }
      turnTo(metadata.topicId)
      count = Math.max(count, metadata.partitions.length)
      replicas = Math.min(...metadata.partitions.map((partition) => partition.replicas))
      for (const { partition, epoch, leader } of metadata.partitions)
        if (epoch >= (highest.get(partition)?.epoch ?? -1)) highest.set(partition, { epoch, leader })
      const epochs = new Map(metadata.partitions.map(({ partition, epoch }) => [partition, epoch]))
      answers.set(nodeId, { askedMs, topicId: metadata.topicId, epochs })
      render()
    },

    /**
     * No broker has reported a later leader, and another broker has confirmed this one since `sinceMs`, where there is
     * another.
     */
    confirms: (claim: LeaderClaim, sinceMs: number, hasOthers: boolean): boolean => {
      if (claim.topicId !== topicId) return false
      if ((highest.get(claim.partition)?.epoch ?? -1) > claim.epoch) return false
      if (!hasOthers) return true
      for (const [nodeId, { askedMs, topicId: told, epochs }] of answers) {
        if (nodeId === claim.nodeId || nodeId === null || askedMs < sinceMs || told !== topicId) continue
        if ((epochs.get(claim.partition) ?? Number.POSITIVE_INFINITY) <= claim.epoch) return true
      }
      return false
    },
  }
}

const domainsOf = (leaders: ReadonlyMap<number, Leader>, count: number): Domains => {
  const led = new Map<number, number[]>()
  for (let partition = 0; partition < count; partition += 1) {
    const nodeId = leaders.get(partition)?.address.nodeId ?? Number.POSITIVE_INFINITY
    led.set(nodeId, [...(led.get(nodeId) ?? []), partition])
  }
  return [...led].sort(([a], [b]) => a - b).map(([, partitions]) => partitions)
}
