import type { WireRequest } from './internals.ts'
import { API, array, int8, string, wireRequest } from './wire.ts'

export type Address = { readonly nodeId: number; readonly host: string; readonly port: number }

/** `leader` is −1 while there is none; `epoch` counts the elections, and begins anew with a new topic. */
export type PartitionLeader = { readonly partition: number; readonly leader: number; readonly epoch: number }

export type TopicMetadata = {
  readonly brokers: readonly Address[]
  readonly controllerId: number
  /** An error number about the topic, 0 where it exists. */
  readonly code: number
  readonly partitions: readonly PartitionLeader[]
}

/**
 * Where one topic's partitions are. Asked topic by topic: kafkajs asks for all it knows, and one that was deleted spoils
 * the answer for the others.
 */
export const metadataRequest = (topic: string): WireRequest<TopicMetadata> =>
  wireRequest(API.metadata, 7, 'Metadata', Buffer.concat([array([string(topic)]), int8(0)]), (read) => {
    read.int32() // throttle time
    const brokers = read.array(() => {
      const address = { nodeId: read.int32(), host: read.string() ?? '', port: read.int32() }
      read.string() // rack
      return address
    })
    read.string() // cluster
    const controllerId = read.int32()
    const [found] = read.array(() => {
      const code = read.int16()
      read.string()
      read.int8()
      const partitions = read.array(() => {
        read.int16() // says why there is no leader
        const partition = { partition: read.int32(), leader: read.int32(), epoch: read.int32() }
        for (let lists = 0; lists < 3; lists++) read.array(read.int32) // replicas, in sync, offline
        return partition
      })
      return { code, partitions }
    })
    return { brokers, controllerId, code: found?.code ?? 0, partitions: found?.partitions ?? [] }
  })
