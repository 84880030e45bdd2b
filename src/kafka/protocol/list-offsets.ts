import type { WireRequest } from './kafkajs-internals.ts'
import { API, array, int8, int32, int64, string, wireRequest } from './wire.ts'

/** `epoch`: for an end offset, the number of its leader's election. */
export type ListedOffset = {
  readonly partition: number
  readonly code: number
  readonly offset: number
  readonly epoch: number
}

/** ListOffsets' special timestamps. */
export const OFFSET_AT = { end: -1, start: -2 } as const

/** Offsets that a consumer may not see yet count as well: nothing is proven behind an open transaction. */
const READ_UNCOMMITTED = 0

export const listOffsetsRequest = (
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): WireRequest<readonly ListedOffset[]> => {
  const at = int64(timestamp)
  const asks = array(partitions.map((partition) => Buffer.concat([int32(partition), int32(-1), at])))
  const body = Buffer.concat([int32(-1), int8(READ_UNCOMMITTED), int32(1), string(topic), asks])
  return wireRequest(API.listOffsets, 4, 'ListOffsets', body, (read) => {
    read.throttle()
    const topics = read.array(() => {
      read.string()
      return read.array(() => {
        const partition = read.int32()
        const code = read.int16()
        read.int64() // timestamp
        return { partition, code, offset: read.int64(), epoch: read.int32() }
      })
    })
    return topics.flat()
  })
}
