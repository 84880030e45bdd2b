import type { WireRequest } from './internals.ts'
import type { AbortedTransaction } from './read-batches.ts'
import { API, array, int8, int16, int32, int64, string, wireRequest } from './wire.ts'

/** `leaderEpoch`: refused unless the leader is still of this election; absent: whoever leads. */
export type FetchAsk = {
  readonly partition: number
  readonly offset: number
  readonly maxBytes: number
  readonly leaderEpoch?: number
}

export type FetchLimits = { readonly maxWaitMs: number; readonly maxBytes: number }

/** One partition's part of a response; the batches are not unpacked yet, so that a broken one spoils no other. */
export type FetchedPartition = {
  readonly partition: number
  readonly code: number
  readonly aborted: readonly AbortedTransaction[]
  readonly batches: Buffer
}

const READ_COMMITTED = 1

export const fetchRequest = (
  topic: string,
  asks: readonly FetchAsk[],
  { maxWaitMs, maxBytes }: FetchLimits,
): WireRequest<readonly FetchedPartition[]> => {
  const noSession = Buffer.concat([int32(0), int32(-1)])
  const partitions = asks.map(({ partition, offset, maxBytes, leaderEpoch = -1 }) =>
    Buffer.concat([int32(partition), int32(leaderEpoch), int64(offset), int64(-1), int32(maxBytes)]),
  )
  const body = Buffer.concat([
    int32(-1), // a consumer
    int32(maxWaitMs),
    int32(1), // any byte ends the wait
    int32(maxBytes),
    int8(READ_COMMITTED),
    noSession,
    array([Buffer.concat([string(topic), array(partitions)])]),
    array([]),
    int16(0), // no rack
  ])
  return wireRequest(API.fetch, 11, 'Fetch', body, (read) => {
    read.int32() // throttle time
    const code = read.int16()
    read.int32() // session
    const topics = read.array(() => {
      read.string()
      return read.array(() => {
        const partition = read.int32()
        const partitionCode = read.int16()
        read.int64() // high watermark
        read.int64() // last stable offset
        read.int64() // log start
        const aborted = read.array(() => ({ producerId: read.bigInt64(), firstOffset: read.int64() }))
        read.int32() // preferred replica
        return { partition, code: partitionCode || code, aborted, batches: read.bytes() }
      })
    })
    return topics.flat()
  })
}
