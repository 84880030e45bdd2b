/**
 * Fetch loops, one per leading broker: long polls for all of its lanes that want more. Lanes come and go while they run.
 * A lane that will want more soon (its queue is full, its handler is asked) makes the polls short, so that it does not
 * wait for an event of another partition; with nothing in the way, an event ends the poll at once.
 */

import type { Lane } from '../lane.ts'
import { pause } from '../pause.ts'
import type { Link } from './link.ts'
import type { LinkLogger } from './logger.ts'
import { CODE, isMoved } from './protocol-errors.ts'
import { readBatches } from './read-batches.ts'
import { type FetchedPartition, fetchRequest } from './wire-fetch.ts'
import type { Address } from './wire-metadata.ts'

export type FetchDeps = {
  readonly link: Link
  readonly topic: string
  readonly lanes: () => readonly Lane[]
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

export const startFetching = (deps: FetchDeps): Fetcher => {
  const { link, topic, lanes, signal } = deps
  const loops = new Map<number, Promise<void>>()
  let changed = Promise.withResolvers<void>()

  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  signal.addEventListener('abort', wake)

  const leaders = async (): Promise<ReadonlyMap<number, Address>> => {
    const { brokers, partitions } = await link.run('metadata', TRANSFER_MS, () => link.topic(topic))
    const byNode = new Map(brokers.map((address) => [address.nodeId, address]))
    const found = partitions.map(({ partition, leader }) => [partition, byNode.get(leader)] as const)
    return new Map(found.filter((entry): entry is [number, Address] => entry[1] !== undefined))
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
      const seen = changed.promise
      try {
        const known = await leaders()
        const own = lanes().filter((lane) => known.get(lane.partition)?.nodeId === node)
        if (own.length === 0) break
        if (!(await round(own, known.get(own[0]!.partition)!))) await seen
      } catch (error) {
        deps.logger.debug({ err: error }, 'a fetch failed')
        await pause(RETRY_MS, signal)
      }
    }
    loops.delete(node)
    wake()
  }

  /** One fetch; false where no lane wants any. */
  const round = async (own: readonly Lane[], leader: Address): Promise<boolean> => {
    const asked = new Map<number, { readonly lane: Lane; readonly epoch: number; readonly offset: number }>()
    let later = false
    for (const lane of own) {
      const ask = lane.ask()
      if (ask === 'later') later = true
      else if (ask !== 'never') asked.set(lane.partition, { lane, ...ask })
    }
    if (asked.size === 0) return false
    const maxWaitMs = later ? BUSY_WAIT_MS : IDLE_WAIT_MS
    const asks = [...asked].map(([partition, { offset }]) => ({ partition, offset, maxBytes: PARTITION_BYTES }))
    const answer = await link.run('fetch', maxWaitMs + TRANSFER_MS, async () => {
      const broker = await link.broker(leader)
      return broker.connectionPool.send(fetchRequest(topic, asks, { maxWaitMs, maxBytes: RESPONSE_BYTES }))
    })
    deps.sign()
    for (const part of answer) {
      const to = asked.get(part.partition)
      if (to !== undefined) handOver(part, to.lane, to.offset, to.epoch)
    }
    if (answer.some(({ code }) => code !== CODE.none && code !== CODE.offsetOutOfRange)) await pause(RETRY_MS, signal)
    return true
  }

  const handOver = (part: FetchedPartition, lane: Lane, offset: number, epoch: number): void => {
    if (part.code === CODE.offsetOutOfRange) {
      lane.outOfRange(epoch)
      return
    }
    if (part.code !== CODE.none) {
      if (isMoved(part.code)) link.stale(topic)
      else deps.logger.warn({ topic, partition: lane.partition, code: part.code }, 'a partition cannot be fetched')
      return
    }
    if (part.batches.length === 0) return
    try {
      lane.fetched(epoch, readBatches(part.batches, lane.partition, offset, part.aborted), part.batches.length)
    } catch (error) {
      deps.logger.warn({ topic, partition: lane.partition, offset, err: error }, 'a batch is broken')
      lane.unreadable(epoch)
    }
  }

  void steer()
  return { wake }
}
