/**
 * Three brokers before the one log of the simulation, as far as a proof of freshness asks them: for ends and for
 * metadata, each out of its own view. A broker that is cut off keeps the view that it had, and goes on to answer as the
 * leader; the others have elected another one.
 */

import { LogError } from '../../../consumers/ports/log-error.ts'
import type { BrokerConnections } from '../../../src/kafka/broker-connections.ts'
import type { Broker, WireRequest } from '../../../src/kafka/protocol/kafkajs-internals.ts'
import type { ListedOffset } from '../../../src/kafka/protocol/list-offsets.ts'
import type { Address, PartitionLeader } from '../../../src/kafka/protocol/metadata.ts'
import { CODE } from '../../../src/kafka/protocol/protocol-errors.ts'
import type { MemoryLog } from '../../../src/memory/log.ts'

export const NODES = [1, 2, 3] as const
const ADDRESSES: readonly Address[] = NODES.map((nodeId) => ({ nodeId, host: 'broker', port: 9000 + nodeId }))

type PartitionView = PartitionLeader & { readonly end: number }
type TopicState = { readonly topicId: string; readonly partitions: readonly PartitionView[] }
/** By topic. */
type BrokerView = ReadonlyMap<string, TopicState>

/** From `atMs` on another broker leads these partitions. */
export type Election = { readonly atMs: number; readonly partitions: readonly number[] }

export type SimBrokers = {
  readonly answer: <T>(nodeId: number, request: WireRequest<T>) => Promise<T>
  /** It answers from now on as it would now, and whoever takes part elects other leaders for what it led. */
  readonly cutOff: (nodeId: number) => Promise<void>
  /** It tells old metadata from now on, and leads as it did. */
  readonly fallBehind: (nodeId: number) => Promise<void>
  readonly rejoin: (nodeId: number) => void
  /** Clients reach this broker alone; `null`: all of them. */
  readonly reachOnly: (nodeId: number | null) => void
  readonly leaders: () => readonly number[]
  readonly elections: readonly Election[]
}

export const simBrokers = (log: MemoryLog, topics: readonly string[], count: number, now: () => number): SimBrokers => {
  const numbers = Array.from({ length: count }, (_, index) => index)
  const leaders = numbers.map((partition) => NODES[partition % NODES.length]!)
  const frozen = new Map<number, BrokerView>()
  const behind = new Map<number, BrokerView>()
  const elections: Election[] = []
  let reached: number | null = null

  const stateOf = async (topic: string): Promise<TopicState> => {
    const ends = await log.ends(topic, numbers)
    const partitions = [...ends].map(([partition, { next, identity }]) => {
      const epoch = Number(identity.slice(identity.lastIndexOf('.') + 1))
      return { partition, leader: leaders[partition]!, epoch, replicas: NODES.length, end: next }
    })
    const { identity } = ends.get(0)!
    return { topicId: identity.slice(0, identity.lastIndexOf('.')), partitions }
  }

  const viewNow = async (): Promise<BrokerView> =>
    new Map(await Promise.all(topics.map(async (topic) => [topic, await stateOf(topic)] as const)))

  const ofView = (view: BrokerView | undefined, topic: string): Promise<TopicState> =>
    view === undefined ? stateOf(topic) : Promise.resolve(view.get(topic)!)

  const listed = async (nodeId: number, buffer: Buffer): Promise<readonly ListedOffset[]> => {
    const { topic, partitions } = askedOffsets(buffer)
    const state = await ofView(frozen.get(nodeId), topic)
    return partitions.map((partition) => {
      const view = state.partitions.find((one) => one.partition === partition)
      if (view === undefined || view.leader !== nodeId)
        return { partition, code: CODE.notLeaderOrFollower, offset: -1, epoch: -1 }
      return { partition, code: CODE.none, offset: view.end, epoch: view.epoch }
    })
  }

  /** Serves both requests for metadata: the one reads the count, the other the partitions. */
  const described = async (nodeId: number, topic: string) => {
    const { topicId, partitions } = await ofView(behind.get(nodeId) ?? frozen.get(nodeId), topic)
    return { brokers: ADDRESSES, controllerId: 1, code: CODE.none, topicId, partitions, count: partitions.length }
  }

  return {
    elections,
    answer: async <T>(nodeId: number, { request }: WireRequest<T>): Promise<T> => {
      if (reached !== null && reached !== nodeId) throw new LogError('unavailable', 'this broker does not answer')
      const { buf } = await request.encode()
      const answer = request.apiName === 'ListOffsets' ? listed(nodeId, buf) : described(nodeId, describedTopic(buf))
      return (await answer) as T
    },
    cutOff: async (nodeId) => {
      frozen.set(nodeId, await viewNow())
      const lost = numbers.filter((partition) => leaders[partition] === nodeId)
      for (const partition of lost) {
        leaders[partition] = NODES.find((other) => other !== nodeId && !frozen.has(other))!
        // It loses nothing: an end beyond everything changes the epoch alone.
        for (const topic of topics) log.truncate(topic, partition, Number.MAX_SAFE_INTEGER)
      }
      elections.push({ atMs: now(), partitions: lost })
    },
    fallBehind: async (nodeId) => void behind.set(nodeId, await viewNow()),
    rejoin: (nodeId) => {
      frozen.delete(nodeId)
      behind.delete(nodeId)
    },
    reachOnly: (nodeId) => {
      reached = nodeId
    },
    leaders: () => [...new Set(leaders)],
  }
}

/** ListOffsets 4: replica, isolation, one topic, and 16 bytes for each partition. */
const askedOffsets = (body: Buffer): { readonly topic: string; readonly partitions: readonly number[] } => {
  const length = body.readInt16BE(9)
  const at = 11 + length
  const count = body.readInt32BE(at)
  const partitions = Array.from({ length: count }, (_, index) => body.readInt32BE(at + 4 + 16 * index))
  return { topic: body.toString('utf8', 11, at), partitions }
}

/** Metadata 12: tags, one topic's id of 16 bytes, and its name with its length before it. */
const describedTopic = (body: Buffer): string => {
  const length = body[18]! - 1
  return body.toString('utf8', 19, 19 + length)
}

/** One process's connections to the brokers. @param call one exchange over the network */
export const connectionsTo = (
  brokers: SimBrokers,
  call: <T>(untilMs: number, exchange: () => Promise<T>) => Promise<T>,
): BrokerConnections => {
  let turn = 0
  const brokerAt = (nodeId: number, untilMs: number): Broker => {
    const send = <T>(request: WireRequest<T>): Promise<T> => call(untilMs, () => brokers.answer(nodeId, request))
    return { connectionPool: { pool: [], send } } as unknown as Broker
  }
  return {
    ask: ({ nodeId }, untilMs, exchange) => exchange(brokerAt(nodeId, untilMs)),
    askSeed: (untilMs, exchange) => exchange(brokerAt(NODES[turn++ % NODES.length]!, untilMs)),
    run: (_what, deadlineMs, attempt) => attempt(performance.now() + deadlineMs),
    close: () => {},
  }
}
