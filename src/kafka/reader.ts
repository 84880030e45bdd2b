import type { Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { freeLease } from '../log/unpack-budget.ts'
import { askLeader, type Brokers } from './leader.ts'
import { fetchRequest } from './protocol/fetch.ts'
import { identityOf } from './protocol/metadata.ts'
import { CODE, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'
import { readBatches } from './protocol/read-batches.ts'

const DEFAULT_BYTES = 1024 * 1024
/** Milliseconds to transfer the bytes, in addition to the broker's wait time. */
const TRANSFER_MS = 5000

export const logReader =
  (brokers: Brokers): Log['read'] =>
  (topic, partition, from, { maxBytes = DEFAULT_BYTES, waitMs = 0 } = {}) =>
    brokers.connections.run('read', waitMs + TRANSFER_MS, (untilMs) =>
      askLeader(brokers, topic, partition, untilMs, async (broker, { epoch }, { topicId }) => {
        const asks = [{ partition, offset: from, maxBytes, leaderEpoch: epoch }]
        const [fetched] = await broker.connectionPool.send(fetchRequest(topicId, asks, { maxWaitMs: waitMs, maxBytes }))
        if (fetched === undefined) throw new PartitionMoved(topic, CODE.unknownTopicOrPartition)
        if (fetched.code === CODE.offsetOutOfRange) return null
        if (isMoved(fetched.code)) throw new PartitionMoved(topic, fetched.code)
        if (fetched.code !== CODE.none) throw new LogError('refused', `read: Kafka error ${fetched.code}`)
        const identity = identityOf(topicId, epoch)
        return unpacked(() => {
          const { records, next } = readBatches(fetched.batches, partition, from, fetched.aborted).unpack(freeLease)!
          return { partition, from, next, identity, end: fetched.end, records }
        })
      }),
    )

const unpacked = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw new LogError('refused', `read: ${(error as Error).message}`, { cause: error })
  }
}
