import type { WireRequest } from './kafkajs-internals.ts'
import { API, compactArray, compactString, flexibleRequest, int8, noTags, uuid, type WireReader } from './wire.ts'

export type Address = { readonly nodeId: number; readonly host: string; readonly port: number }

/** `leader` is −1 while there is none; `epoch` counts the elections and restarts with a new topic. */
export type PartitionLeader = {
  readonly partition: number
  readonly leader: number
  readonly epoch: number
  /** Number of brokers that keep the partition. */
  readonly replicas: number
}

export type TopicMetadata = {
  readonly brokers: readonly Address[]
  readonly controllerId: number
  /** An error number about the topic, 0 where it exists. */
  readonly code: number
  /** A topic that is deleted and created again has a new id. */
  readonly topicId: string
  readonly partitions: readonly PartitionLeader[]
}

/**
 * Identifies the log of a partition's offsets: it changes with the topic, and with every election, which may have
 * truncated the log.
 */
export const identityOf = (topicId: string, epoch: number): string => `${topicId}.${epoch}`

const metadataBody = (topic: string): Buffer => {
  const asked = Buffer.concat([uuid(null), compactString(topic), noTags])
  return Buffer.concat([compactArray([asked]), int8(0), int8(0)]) // creates nothing, asks for no permissions
}

const readBrokers = (read: WireReader): { brokers: Address[]; controllerId: number } => {
  read.throttle()
  const brokers = read.compactArray(() => {
    const address = { nodeId: read.int32(), host: read.compactString() ?? '', port: read.int32() }
    read.compactString() // rack
    read.tags()
    return address
  })
  read.compactString() // cluster
  return { brokers, controllerId: read.int32() }
}

const readTopicId = (read: WireReader): { code: number; topicId: string } => {
  const code = read.int16()
  read.compactString()
  return { code, topicId: read.uuid() ?? '' }
}

type ShapeResponse = Pick<TopicMetadata, 'code' | 'topicId'> & { readonly count: number }

/** The topic's id and its number of partitions. Every request for ends sends it, so the partitions are not decoded. */
export const topicShapeRequest = (topic: string): WireRequest<ShapeResponse> =>
  flexibleRequest(API.metadata, 12, 'Metadata', metadataBody(topic), (read) => {
    readBrokers(read)
    read.arrayLength()
    const named = readTopicId(read)
    read.int8() // internal
    return { ...named, count: read.arrayLength() }
  })

/**
 * The locations of one topic's partitions. kafkajs would ask for all known topics, and one deleted topic would break
 * the answer for the others.
 */
export const metadataRequest = (topic: string): WireRequest<TopicMetadata> =>
  flexibleRequest(API.metadata, 12, 'Metadata', metadataBody(topic), (read) => {
    const { brokers, controllerId } = readBrokers(read)
    const [found] = read.compactArray(() => {
      const { code, topicId } = readTopicId(read)
      read.int8() // internal
      const partitions = read.compactArray(() => {
        read.int16() // says why there is no leader
        const partition = { partition: read.int32(), leader: read.int32(), epoch: read.int32() }
        const replicas = read.compactArray(read.int32).length
        for (let lists = 0; lists < 2; lists++) read.compactArray(read.int32) // in sync, offline
        read.tags()
        return { ...partition, replicas }
      })
      read.int32() // permissions
      read.tags()
      return { code, topicId, partitions }
    })
    const { code, topicId, partitions } = found ?? { code: 0, topicId: '', partitions: [] }
    return { brokers, controllerId, code, topicId, partitions }
  })
