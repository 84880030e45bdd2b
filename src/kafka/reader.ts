import type { Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import type { BrokerConnections } from './broker-connections.ts'
import { fetchRequest } from './protocol/fetch.ts'
import { identityOf } from './protocol/metadata.ts'
import { CODE, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'
import { readBatches } from './protocol/read-batches.ts'

const DEFAULT_BYTES = 1024 * 1024
/** Time for the bytes to come, over what the broker was told to wait. */
const TRANSFER_MS = 5000

export const logReader =
  (link: BrokerConnections): Log['read'] =>
  (topic, partition, from, { maxBytes = DEFAULT_BYTES, waitMs = 0 } = {}) =>
    link.run('read', waitMs + TRANSFER_MS, async () => {
      const [broker] = (await link.leaders(topic, [partition])).keys()
      const { topicId, partitions } = await link.topic(topic)
      const leaderEpoch = partitions.find((known) => known.partition === partition)?.epoch ?? -1
      const asks = [{ partition, offset: from, maxBytes, leaderEpoch }]
      const [fetched] = await broker!.connectionPool.send(fetchRequest(topicId, asks, { maxWaitMs: waitMs, maxBytes }))
      if (fetched === undefined) throw new PartitionMoved(topic, CODE.unknownTopicOrPartition)
      if (fetched.code === CODE.offsetOutOfRange) return null
      if (isMoved(fetched.code)) throw new PartitionMoved(topic, fetched.code)
      if (fetched.code !== CODE.none) throw new LogError('refused', `read: Kafka error ${fetched.code}`)
      const identity = identityOf(topicId, leaderEpoch)
      return unpacked(() => {
        const { next, records } = readBatches(fetched.batches, partition, from, fetched.aborted)
        return { partition, from, next, identity, end: fetched.end, records: records() }
      })
    })

const unpacked = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw new LogError('refused', `read: ${(error as Error).message}`, { cause: error })
  }
}
