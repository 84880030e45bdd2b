import type { WireRequest } from './kafkajs-internals.ts'
import type { AbortedTransaction } from './read-batches.ts'
import { API, compactArray, compactString, flexibleRequest, int8, int32, int64, noTags, uuid } from './wire.ts'

/** `leaderEpoch`: refused unless the leader still has this epoch; absent: any leader. */
export type FetchAsk = {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
  readonly leaderEpoch?: number
}

export type FetchLimits = { readonly maxWaitMs: number; readonly maxBytes: number }

/** One partition's part of a response; batches are not unpacked yet, so a broken one affects no other. */
export type FetchedPartition = {
  readonly partition: number
  readonly code: number
  /** The high watermark. */
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
  readonly batches: Buffer
}

const READ_COMMITTED = 1

/** @param topicId the broker answers for this topic only, not for a later one with the same name */
export const fetchRequest = (
  topicId: string,
  asks: readonly FetchAsk[],
  { maxWaitMs, maxBytes }: FetchLimits,
): WireRequest<readonly FetchedPartition[]> => {
  const noSession = Buffer.concat([int32(0), int32(-1)])
  const partitions = asks.map(({ partition, offset, maxBytes, leaderEpoch = -1 }) =>
    Buffer.concat([
      int32(partition),
      int32(leaderEpoch),
      int64(offset),
      int32(-1), // no epoch of what was fetched last
      int64(-1), // nor a start of the log: a consumer has none
      int32(maxBytes),
      noTags,
    ]),
  )
  const body = Buffer.concat([
    int32(-1), // a consumer
    int32(maxWaitMs),
    int32(1), // any byte ends the wait
    int32(maxBytes),
    int8(READ_COMMITTED),
    noSession,
    compactArray([Buffer.concat([uuid(topicId), compactArray(partitions), noTags])]),
    compactArray([]),
    compactString(''), // no rack
  ])
  return flexibleRequest(API.fetch, 13, 'Fetch', body, (read) => {
    read.throttle()
    const code = read.int16()
    read.int32() // session
    const topics = read.compactArray(() => {
      read.uuid()
      const parts = read.compactArray(() => {
        const partition = read.int32()
        const partitionCode = read.int16()
        const end = read.int64() // high watermark
        read.int64() // last stable offset
        read.int64() // log start
        const aborted = read.compactArray(() => {
          const transaction = { producerId: read.bigInt64(), firstOffset: read.int64() }
          read.tags()
          return transaction
        })
        read.int32() // preferred replica
        const batches = read.compactBytes()
        read.tags()
        return { partition, code: partitionCode || code, end, aborted, batches }
      })
      read.tags()
      return parts
    })
    return topics.flat()
  })
}
