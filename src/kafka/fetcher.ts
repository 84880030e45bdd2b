/**
 * Fetch loops, one for each leading broker: long polls for all of its queues that request records. Queues may come and
 * go.
 *
 * | state of a loop | event                                   | next state                           |
 * |-----------------|-----------------------------------------|--------------------------------------|
 * | (none)          | a queue has a leader without a loop     | polling                              |
 * | polling         | an answer                               | polling: its records are handed over |
 * | polling         | no queue requests records               | resting until a queue changes        |
 * | polling         | a failure, or an error of a partition   | polling again after `RETRY_MS`       |
 * | any             | the broker leads no queue, or the abort | ended                                |
 *
 * A queue that will soon request more (it is full, or waits for its handler) makes the polls short, so that it does
 * not wait for another partition's event. Otherwise an event ends the poll at once.
 *
 * After an election, or after the topic was away, the same offset may hold a different record: an unclean leader has
 * lost some, a new topic of the same name all. The queue then asks its handler for the offset again, and the handler
 * checks it.
 */

import type { FetchPosition, PartitionQueue } from '../log/partition-queue.ts'
import { pause } from '../log/pause.ts'
import type { Brokers } from './leader.ts'
import type { LinkLogger } from './logger.ts'
import { type FetchedPartition, fetchRequest } from './protocol/fetch.ts'
import { identityOf } from './protocol/metadata.ts'
import { CODE, isAway, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'
import { readBatches } from './protocol/read-batches.ts'
import type { TopicView } from './topic-view.ts'

export type FetchDeps = {
  readonly brokers: Brokers
  readonly topic: string
  readonly queues: () => readonly PartitionQueue[]
  readonly sign: () => void
  readonly logger: LinkLogger
  readonly signal: AbortSignal
}

export type Fetcher = {
  /** A queue has changed. */
  readonly wake: () => void
}

const IDLE_WAIT_MS = 250
const BUSY_WAIT_MS = 20
const TRANSFER_MS = 5000
const PARTITION_BYTES = 1024 * 1024
const RESPONSE_BYTES = 10 * 1024 * 1024
const RETRY_MS = 200
const STEER_MS = 500

type RequestedPartition = FetchPosition & { readonly queue: PartitionQueue; readonly identity: string }

export const startFetching = (deps: FetchDeps): Fetcher => {
  const { topic, queues, signal } = deps
  const { cluster, connections } = deps.brokers
  const loops = new Map<number, Promise<void>>()
  /** The leader's election for each queue's reads. */
  const epochs = new WeakMap<PartitionQueue, number>()
  let changed = Promise.withResolvers<void>()

  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  signal.addEventListener('abort', wake)

  const readTopic = (): Promise<TopicView> => cluster.topic(topic, performance.now() + TRANSFER_MS)
  const nodeOf = (view: TopicView | null, queue: PartitionQueue): number | undefined =>
    view?.leaders.get(queue.partition)?.address.nodeId

  /**
   * Starts a loop for every queue's leader; checks again at intervals, because a hanging leader reports no new leader.
   */
  const steer = async (): Promise<void> => {
    while (!signal.aborted) {
      const seen = changed.promise
      if (queues().length === 0) {
        await seen
        continue
      }
      const view = await readTopic().catch(() => null)
      const nodes = queues().map((queue) => nodeOf(view, queue))
      for (const node of nodes) if (node !== undefined && !loops.has(node)) loops.set(node, loop(node))
      const isHomeless = nodes.includes(undefined)
      if (isHomeless) cluster.doubt(topic)
      const over = new AbortController()
      const wait = pause(isHomeless ? RETRY_MS : STEER_MS, over.signal)
      await (isHomeless ? wait : Promise.race([seen, wait]))
      over.abort()
    }
  }

  const loop = async (node: number): Promise<void> => {
    while (!signal.aborted) {
      try {
        const view = await readTopic()
        if (queues().some((queue) => !loops.has(nodeOf(view, queue) ?? node))) wake()
        // Taken after this function's own call, which is no news: with known leaders and no requesting queue, the loop
        // would never pause.
        const seen = changed.promise
        const own = queues().filter((queue) => nodeOf(view, queue) === node)
        if (own.length === 0) break
        if (!(await round(own, view))) await seen
      } catch (error) {
        deps.logger.debug({ err: error }, 'a fetch failed')
        cluster.doubt(topic)
        await pause(RETRY_MS, signal)
      }
    }
    loops.delete(node)
    wake()
  }

  /** The queue's request; a new election since the last request causes a recheck. */
  const askOf = (queue: PartitionQueue, epoch: number): FetchPosition | 'later' | 'never' => {
    const before = epochs.get(queue)
    epochs.set(queue, epoch)
    if (before !== undefined && before !== epoch) queue.recheck()
    return queue.ask()
  }

  /** One fetch for queues of one leader; false where no queue requests records. */
  const round = async (own: readonly PartitionQueue[], { topicId, leaders }: TopicView): Promise<boolean> => {
    const asked = new Map<number, RequestedPartition>()
    const { address } = leaders.get(own[0]!.partition)!
    let later = false
    for (const queue of own) {
      const { epoch } = leaders.get(queue.partition)!
      const ask = askOf(queue, epoch)
      if (ask === 'later') later = true
      else if (ask !== 'never')
        asked.set(queue.partition, {
          queue,
          ...ask,
          identity: identityOf(topicId, epoch),
        })
    }
    if (asked.size === 0) return false
    const maxWaitMs = later ? BUSY_WAIT_MS : IDLE_WAIT_MS
    const asks = [...asked.values()].map(({ queue: { partition }, offset }) => {
      return { partition, offset, maxBytes: PARTITION_BYTES, leaderEpoch: leaders.get(partition)!.epoch }
    })
    const request = fetchRequest(topicId, asks, { maxWaitMs, maxBytes: RESPONSE_BYTES })
    const until = performance.now() + maxWaitMs + TRANSFER_MS
    const answer = await connections.ask(address, until, (broker) => broker.connectionPool.send(request))
    deps.sign()
    for (const part of answer) {
      const to = asked.get(part.partition)
      if (to !== undefined) handOver(part, to)
    }
    if (answer.some(({ code }) => code !== CODE.none && code !== CODE.offsetOutOfRange)) await pause(RETRY_MS, signal)
    return true
  }

  const handOver = (part: FetchedPartition, { queue, offset, epoch, identity }: RequestedPartition): void => {
    if (part.code === CODE.offsetOutOfRange) {
      queue.outOfRange(epoch)
      return
    }
    if (part.code !== CODE.none) {
      if (isMoved(part.code)) cluster.doubt(topic)
      if (isAway(part.code)) queue.recheck()
      else {
        const { message } = new PartitionMoved(topic, part.code)
        deps.logger.warn({ topic, partition: queue.partition, code: part.code }, `cannot fetch: ${message}`)
      }
      return
    }
    if (part.batches.length === 0) return
    try {
      const fetched = readBatches(part.batches, queue.partition, offset, part.aborted)
      queue.fetched(epoch, { ...fetched, identity, end: part.end, bytes: part.batches.length })
    } catch (error) {
      const { message } = error as Error
      const what = `the batch at ${offset} cannot be read (${message}); "npx pullgate doctor" says what mends it`
      deps.logger.warn({ topic, partition: queue.partition, offset }, what)
      queue.unreadable(epoch)
    }
  }

  void steer()
  return { wake }
}
