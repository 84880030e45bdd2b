import type { ScoutedForStudent } from '../../consumers/ports/scouted.ts'
import type { PartitionView } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type AssumedRead, parsePointer } from './active-generation.ts'
import type { RedisClient } from './connection.ts'
import { decodeCheckpoint, decodeLease } from './formats.ts'
import { partitionKeys, storeKeys } from './keys.ts'

/** Students by partition; an empty list reads only the partition's freshness. */
export type Wanted = ReadonlyMap<number, readonly StudentId[]>

export type PartitionRead = {
  readonly view: PartitionView
  readonly records: readonly (Buffer | null)[]
  /** One entry for each of the same students, where the range scanned ahead is read too. */
  readonly scouted?: readonly (ScoutedForStudent | null)[]
}

/** One MGET for all keys; on a cluster one MGET for each hash slot, all sent at once. */
const mget = async (client: RedisClient, isCluster: boolean, lists: readonly string[][]): Promise<(Buffer | null)[]> =>
  isCluster ? (await Promise.all(lists.map((keys) => client.mgetBuffer(keys)))).flat() : client.mgetBuffer(lists.flat())

/**
 * Every partition is read at one moment. An MGET is atomic, so a checkpoint is never newer than the records read with
 * it.
 */
export const partitionsRead =
  (client: RedisClient, isCluster: boolean, wanted: Wanted): AssumedRead<ReadonlyMap<number, PartitionRead>> =>
  async (generation) => {
    const lists = [[storeKeys.active]]
    if (generation !== null) {
      for (const [partition, ids] of wanted) {
        const keys = partitionKeys(generation, partition)
        lists.push([keys.checkpoint, keys.lease, ...ids.map(keys.student)])
      }
    }
    const replies = await mget(client, isCluster, lists)
    const pointer = parsePointer(replies[0] ?? null)

    const value = new Map<number, PartitionRead>()
    let cursor = 1
    for (const [partition, ids] of wanted) {
      const checkpoint = decodeCheckpoint(replies[cursor]?.toString() ?? null)
      const lease = decodeLease(replies[cursor + 1]?.toString() ?? null, checkpoint)
      const records = replies.slice(cursor + 2, cursor + 2 + ids.length)
      value.set(partition, { view: { generation, partition, checkpoint, lease }, records })
      cursor += 2 + ids.length
    }
    return { pointer, value }
  }
