import type { WireRequest } from './kafkajs-internals.ts'
import { API, array, int16, int32, nullString, string, wireRequest } from './wire.ts'

/** `bytes` is one record batch. */
export type ProducePart = { readonly topic: string; readonly partition: number; readonly bytes: Buffer }

export type ProducedPart = {
  readonly topic: string
  readonly partition: number
  readonly code: number
  readonly baseOffset: number
}

const ALL_IN_SYNC = -1

export const produceRequest = (
  parts: readonly ProducePart[],
  timeoutMs: number,
): WireRequest<readonly ProducedPart[]> => {
  const topics = [...Map.groupBy(parts, (part) => part.topic)].map(([topic, partitions]) => {
    const data = partitions.map(({ partition, bytes }) => Buffer.concat([int32(partition), int32(bytes.length), bytes]))
    return Buffer.concat([string(topic), array(data)])
  })
  const body = Buffer.concat([nullString, int16(ALL_IN_SYNC), int32(timeoutMs), array(topics)])
  return wireRequest(API.produce, 7, 'Produce', body, (read) => {
    const answered = read.array(() => {
      const topic = read.string() ?? ''
      return read.array(() => {
        const part = { topic, partition: read.int32(), code: read.int16(), baseOffset: read.int64() }
        read.int64() // append time
        read.int64() // log start
        return part
      })
    })
    read.throttle()
    return answered.flat()
  })
}
