import { type BrokerConnections, type BrokerExchange, isAnswer } from './broker-connections.ts'
import type { Cluster } from './cluster.ts'
import { CODE, PartitionMoved } from './protocol/protocol-errors.ts'
import type { Leader, TopicView } from './topic-view.ts'

/** The brokers for one purpose, with their own connections. */
export type Brokers = { readonly cluster: Cluster; readonly connections: BrokerConnections }

/**
 * One exchange with the leader of a partition. Where the partition was not there, the next attempt finds its leader
 * again.
 */
export const askLeader = async <T>(
  { cluster, connections }: Brokers,
  topic: string,
  partition: number,
  untilMs: number,
  exchange: (broker: Parameters<BrokerExchange<T>>[0], leader: Leader, view: TopicView) => Promise<T>,
): Promise<T> => {
  try {
    const view = await cluster.topic(topic, untilMs)
    const leader = view.leaders.get(partition)
    if (leader === undefined) throw new PartitionMoved(topic, CODE.leaderNotAvailable)
    return await connections.ask(leader.address, untilMs, (broker) => exchange(broker, leader, view))
  } catch (error) {
    cluster.doubt(topic)
    throw error
  }
}

/** One exchange with any broker: the known ones in order, then the configured ones. */
export const askAny = async <T>(
  { cluster, connections }: Brokers,
  untilMs: number,
  exchange: BrokerExchange<T>,
): Promise<T> => {
  let failure: unknown
  for (const address of cluster.brokers()) {
    const left = untilMs - performance.now()
    if (left <= 0) throw failure
    try {
      return await connections.ask(address, performance.now() + Math.min(left, Math.max(left / 2, 300)), exchange)
    } catch (error) {
      if (isAnswer(error)) throw error
      failure = error
    }
  }
  return connections.askSeed(untilMs, exchange)
}
