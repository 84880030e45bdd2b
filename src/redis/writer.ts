import type { PartitionWrite, ProjectionWriter } from '../../consumers/ports/store.ts'
import type { RedisConnection } from './connection.ts'
import { customMember, decodeCheckpoint, encodeCheckpoint, encodeLease } from './formats.ts'
import { partitionKeys } from './keys.ts'
import type { Argument, RunScript } from './script.ts'
import { writeResult } from './write-result.ts'

/** A view of the same bytes: nothing is copied on the way to the socket. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const applyArguments = (write: PartitionWrite): Argument[] => {
  const { checkpoint, expected, customAdded, customRemoved, suspectAdded, suspectRemoved, heartbeats, misrouting } =
    write
  const lists = [customAdded.map(customMember), customRemoved.map(customMember), suspectAdded, suspectRemoved]
  return [
    expected === null ? '' : String(expected),
    String(checkpoint.next),
    encodeCheckpoint(checkpoint),
    ...lists.map((list) => String(list.length)),
    String(heartbeats.size),
    String(misrouting.length),
    ...Array.from(write.records.values(), asBuffer),
    ...lists.flat(),
    ...Array.from(heartbeats, ([source, time]) => [source, String(time)]).flat(),
    ...misrouting,
  ]
}

export const redisWriter = ({ run, isCluster }: RedisConnection, runScript: RunScript): ProjectionWriter => {
  const clockOf = async (generation: number, partition: number): Promise<number> => {
    const { checkpoint } = partitionKeys(generation, partition)
    return Number(await run((client) => runScript(client, 'clock', [checkpoint], [])))
  }
  let clock: Promise<number> | null = null
  /** One node has one clock: who asks while it is being read shares the reading, which is too old at worst. */
  const sharedClock = (generation: number, partition: number): Promise<number> => {
    clock ??= clockOf(generation, partition).finally(() => {
      clock = null
    })
    return clock
  }
  return {
    checkpoint: async (generation, partition) =>
      decodeCheckpoint(await run((client) => client.get(partitionKeys(generation, partition).checkpoint))),

    load: async (generation, partition, ids) => {
      if (ids.length === 0) return []
      const keys = partitionKeys(generation, partition)
      return run((client) => client.mgetBuffer(ids.map(keys.student)))
    },

    apply: async (write) => {
      const keys = partitionKeys(write.generation, write.partition)
      const touched = [keys.checkpoint, keys.custom, keys.suspects, keys.heartbeats, keys.misrouting]
      for (const id of write.records.keys()) touched.push(keys.student(id))
      return writeResult(await run((client) => runScript(client, 'apply', touched, applyArguments(write))))
    },

    clockMs: isCluster ? clockOf : sharedClock,

    lease: async (generation, partition, proof, boundMs) => {
      const { checkpoint, lease } = partitionKeys(generation, partition)
      const args = [String(proof.next), encodeLease(proof), String(proof.provenAtMs + boundMs)]
      return writeResult(await run((client) => runScript(client, 'lease', [checkpoint, lease], args)))
    },

    suspectCount: (generation, partition) =>
      run((client) => client.scard(partitionKeys(generation, partition).suspects)),
  }
}
