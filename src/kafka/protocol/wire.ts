/**
 * Writes requests and reads responses of Kafka's protocol: big-endian, strings and arrays with their length in front.
 */

import type { WireRequest } from './kafkajs-internals.ts'

export const API = { produce: 0, fetch: 1, listOffsets: 2, metadata: 3, describeQuorum: 55 } as const

export const int8 = (value: number): Buffer => Buffer.from([value & 0xff])

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const int16 = (value: number): Buffer => int32(value).subarray(2)

export const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

export const string = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])

export const nullString = int16(-1)

export const array = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items])

/** Forms of the flexible versions: lengths are unsigned varints, stored plus one, and every structure may have tags. */
export const noTags = Buffer.from([0])

const unsigned = (value: number): Buffer => {
  const bytes: number[] = []
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...bytes, left])
    bytes.push((left & 0x7f) | 0x80)
  }
}

export const compactString = (text: string): Buffer =>
  Buffer.concat([unsigned(Buffer.byteLength(text) + 1), Buffer.from(text)])

export const compactArray = (items: readonly Buffer[]): Buffer => Buffer.concat([unsigned(items.length + 1), ...items])

/** A topic's id as text; the zero id where the broker knows none. */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
export const uuid = (text: string | null): Buffer => Buffer.from(text ?? NO_ID, 'base64url')

/** A response's body, read from front to back. */
export type WireReader = {
  readonly int8: () => number
  readonly int16: () => number
  readonly int32: () => number
  readonly int64: () => number
  readonly bigInt64: () => bigint
  readonly string: () => string | null
  readonly bytes: () => Buffer
  readonly array: <T>(item: () => T) => T[]
  readonly compactString: () => string | null
  readonly arrayLength: () => number
  readonly compactBytes: () => Buffer
  readonly compactArray: <T>(item: () => T) => T[]
  readonly uuid: () => string | null
  /** Milliseconds that the broker asks to wait before the next request. */
  readonly throttle: () => void
  readonly throttleMs: () => number
  /** Skips the tagged fields. */
  readonly tags: () => void
}

export const reader = (body: Buffer): WireReader => {
  let at = 0
  const skip = (size: number): number => {
    at += size
    return at - size
  }
  const take = (size: number): Buffer => body.subarray(skip(size), at)
  const length = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = body.readUInt8(skip(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  let throttleMs = 0
  const read: WireReader = {
    throttle: () => {
      throttleMs = read.int32()
    },
    throttleMs: () => throttleMs,
    int8: () => body.readInt8(skip(1)),
    int16: () => body.readInt16BE(skip(2)),
    int32: () => body.readInt32BE(skip(4)),
    int64: () => Number(body.readBigInt64BE(skip(8))),
    bigInt64: () => body.readBigInt64BE(skip(8)),
    string: () => {
      const length = read.int16()
      return length < 0 ? null : take(length).toString()
    },
    bytes: () => take(Math.max(read.int32(), 0)),
    array: (item) => Array.from({ length: Math.max(read.int32(), 0) }, item),
    compactString: () => {
      const size = length()
      return size === 0 ? null : take(size - 1).toString()
    },
    arrayLength: () => length() - 1,
    compactBytes: () => take(Math.max(length() - 1, 0)),
    compactArray: (item) => Array.from({ length: Math.max(length() - 1, 0) }, item),
    uuid: () => {
      const text = take(16).toString('base64url')
      return text === NO_ID ? null : text
    },
    tags: () => {
      for (let left = length(); left > 0; left--) {
        length()
        take(length())
      }
    },
  }
  return read
}

export const wireRequest = <T>(
  apiKey: number,
  apiVersion: number,
  apiName: string,
  body: Buffer,
  read: (reader: WireReader) => T,
): WireRequest<T> => ({
  request: { apiKey, apiVersion, apiName, encode: async () => ({ buf: body, buffer: body }) },
  response: {
    decode: async (bytes) => {
      const answer = reader(bytes)
      const value = read(answer)
      return { clientSideThrottleTime: answer.throttleMs(), value }
    },
    parse: async ({ value }) => value,
  },
})

/** A request of a flexible version: its header and its response's header end with tags. */
export const flexibleRequest = <T>(
  apiKey: number,
  apiVersion: number,
  apiName: string,
  body: Buffer,
  read: (reader: WireReader) => T,
): WireRequest<T> =>
  wireRequest(apiKey, apiVersion, apiName, Buffer.concat([noTags, body, noTags]), (answer) => {
    answer.tags()
    return read(answer)
  })
