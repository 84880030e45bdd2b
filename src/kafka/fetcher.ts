/**
 * Fetch loops, one per leading broker: long polls for all of its lanes that want more. Lanes come and go while they
 * run. A queue that will want more soon (it is full, or its handler is asked) makes the polls short: it must not wait
 * for an event of another partition; with nothing in the way, an event ends the poll at once.
 *
 * After an election, or when the topic was away, the same offset may hold another record: an unclean leader has lost
 * some, a new topic of the same name all. So the lane then asks the handler for its place again, which looks.
 */

import type { FetchPosition, PartitionQueue } from '../log/partition-queue.ts'
import { pause } from '../log/pause.ts'
import type { BrokerConnections } from './broker-connections.ts'
import type { LinkLogger } from './logger.ts'
import { type FetchedPartition, fetchRequest } from './protocol/fetch.ts'
import { type Address, identityOf } from './protocol/metadata.ts'
import { CODE, isAway, isMoved } from './protocol/protocol-errors.ts'
import { readBatches } from './protocol/read-batches.ts'

export type FetchDeps = {
  readonly link: BrokerConnections
  readonly topic: string
  readonly lanes: () => readonly PartitionQueue[]
  readonly sign: () => void
  readonly logger: LinkLogger
  readonly signal: AbortSignal
}

export type Fetcher = {
  /** A lane has changed. */
  readonly wake: () => void
}

const IDLE_WAIT_MS = 250
const BUSY_WAIT_MS = 20
const TRANSFER_MS = 5000
const PARTITION_BYTES = 1024 * 1024
const RESPONSE_BYTES = 10 * 1024 * 1024
const RETRY_MS = 200

type Leader = Address & { readonly epoch: number; readonly topicId: string }

type RequestedPartition = FetchPosition & { readonly lane: PartitionQueue; readonly identity: string }

export const startFetching = (deps: FetchDeps): Fetcher => {
  const { link, topic, lanes, signal } = deps
  const loops = new Map<number, Promise<void>>()
  /** The election under which a lane reads. */
  const epochs = new WeakMap<PartitionQueue, number>()
  let changed = Promise.withResolvers<void>()

  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  signal.addEventListener('abort', wake)

  const leaders = async (): Promise<ReadonlyMap<number, Leader>> => {
    const { brokers, partitions, topicId } = await link.run('metadata', TRANSFER_MS, () => link.topic(topic))
    const found = new Map<number, Leader>()
    for (const { partition, leader, epoch } of partitions) {
      const address = brokers.find(({ nodeId }) => nodeId === leader)
      if (address !== undefined) found.set(partition, { ...address, epoch, topicId })
    }
    return found
  }

  /** Sees to it that every lane's leader has a loop; looks again while a lane has none. */
  const steer = async (): Promise<void> => {
    while (!signal.aborted) {
      const seen = changed.promise
      const known = await leaders().catch(() => null)
      const homeless = lanes().filter((lane) => !known?.has(lane.partition))
      for (const lane of lanes()) {
        const address = known?.get(lane.partition)
        if (address !== undefined && !loops.has(address.nodeId)) loops.set(address.nodeId, loop(address.nodeId))
      }
      if (homeless.length > 0) {
        link.stale(topic)
        await pause(RETRY_MS, signal)
      } else await seen
    }
  }

  const loop = async (node: number): Promise<void> => {
    while (!signal.aborted) {
      try {
        const known = await leaders()
        if (lanes().some((lane) => !loops.has(known.get(lane.partition)?.nodeId ?? node))) wake()
        // After our own call, which is no news to us: with the leaders known and no lane asking, we would turn for ever.
        const seen = changed.promise
        const own = lanes().filter((lane) => known.get(lane.partition)?.nodeId === node)
        if (own.length === 0) break
        if (!(await round(own, known))) await seen
      } catch (error) {
        deps.logger.debug({ err: error }, 'a fetch failed')
        await pause(RETRY_MS, signal)
      }
    }
    loops.delete(node)
    wake()
  }

  /** The lane's wish, unless another election has taken place since its last one. */
  const askOf = (lane: PartitionQueue, { epoch }: Leader): FetchPosition | 'later' | 'never' => {
    const before = epochs.get(lane)
    epochs.set(lane, epoch)
    if (before !== undefined && before !== epoch) lane.recheck()
    return lane.ask()
  }

  /** One fetch; false where no lane wants any. All of the lanes have the same leader. */
  const round = async (own: readonly PartitionQueue[], known: ReadonlyMap<number, Leader>): Promise<boolean> => {
    const asked = new Map<number, RequestedPartition>()
    const leader = known.get(own[0]!.partition)!
    let later = false
    for (const lane of own) {
      const ask = askOf(lane, known.get(lane.partition)!)
      if (ask === 'later') later = true
      else if (ask !== 'never')
        asked.set(lane.partition, {
          lane,
          ...ask,
          identity: identityOf(leader.topicId, known.get(lane.partition)!.epoch),
        })
    }
    if (asked.size === 0) return false
    const maxWaitMs = later ? BUSY_WAIT_MS : IDLE_WAIT_MS
    const asks = [...asked.values()].map(({ lane: { partition }, offset }) => {
      return { partition, offset, maxBytes: PARTITION_BYTES, leaderEpoch: known.get(partition)!.epoch }
    })
    const answer = await link.run('fetch', maxWaitMs + TRANSFER_MS, async () => {
      const broker = await link.broker(leader)
      return broker.connectionPool.send(fetchRequest(leader.topicId, asks, { maxWaitMs, maxBytes: RESPONSE_BYTES }))
    })
    deps.sign()
    for (const part of answer) {
      const to = asked.get(part.partition)
      if (to !== undefined) handOver(part, to)
    }
    if (answer.some(({ code }) => code !== CODE.none && code !== CODE.offsetOutOfRange)) await pause(RETRY_MS, signal)
    return true
  }

  const handOver = (part: FetchedPartition, { lane, offset, epoch, identity }: RequestedPartition): void => {
    if (part.code === CODE.offsetOutOfRange) {
      lane.outOfRange(epoch)
      return
    }
    if (part.code !== CODE.none) {
      if (isMoved(part.code)) link.stale(topic)
      if (isAway(part.code)) lane.recheck()
      else deps.logger.warn({ topic, partition: lane.partition, code: part.code }, 'a partition cannot be fetched')
      return
    }
    if (part.batches.length === 0) return
    try {
      const fetched = readBatches(part.batches, lane.partition, offset, part.aborted)
      lane.fetched(epoch, { ...fetched, identity, end: part.end, bytes: part.batches.length })
    } catch (error) {
      deps.logger.warn({ topic, partition: lane.partition, offset, err: error }, 'a batch is broken')
      lane.unreadable(epoch)
    }
  }

  void steer()
  return { wake }
}
