import type { ScoutedForStudent } from '../../consumers/ports/scouted.ts'
import type { PartitionView } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type AssumedRead, parsePointer } from './active-generation.ts'
import type { RedisClient } from './connection.ts'
import { decodeCheckpoint, decodeLease } from './formats.ts'
import { partitionKeys, storeKeys } from './keys.ts'

/** Students by partition; an empty list asks for the partition's freshness alone. */
export type Wanted = ReadonlyMap<number, readonly StudentId[]>

export type PartitionRead = {
  readonly view: PartitionView
  readonly records: readonly (Buffer | null)[]
  /** Of the same students in turn, where what was scanned ahead is asked for too. */
  readonly scouted?: readonly (ScoutedForStudent | null)[]
}

/** One MGET for all; on a cluster one for each hash slot, all sent at once. */
const mget = async (client: RedisClient, isCluster: boolean, lists: readonly string[][]): Promise<(Buffer | null)[]> =>
  isCluster ? (await Promise.all(lists.map((keys) => client.mgetBuffer(keys)))).flat() : client.mgetBuffer(lists.flat())

/** Every partition as of one moment: an MGET is atomic, so the checkpoint is never younger than the records beside it. */
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
