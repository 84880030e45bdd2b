/** Writing requests and reading responses of Kafka's protocol: big-endian, strings and arrays behind their length. */

import type { WireRequest } from './internals.ts'

export const API = { produce: 0, fetch: 1, listOffsets: 2, metadata: 3 } as const

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

/** A response's body, read from front to back. */
export type Reader = {
  readonly int8: () => number
  readonly int16: () => number
  readonly int32: () => number
  readonly int64: () => number
  readonly bigInt64: () => bigint
  readonly string: () => string | null
  readonly bytes: () => Buffer
  readonly array: <T>(item: () => T) => T[]
}

export const reader = (body: Buffer): Reader => {
  let at = 0
  const skip = (size: number): number => {
    at += size
    return at - size
  }
  const take = (size: number): Buffer => body.subarray(skip(size), at)
  const read: Reader = {
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
  }
  return read
}

export const wireRequest = <T>(
  apiKey: number,
  apiVersion: number,
  apiName: string,
  body: Buffer,
  read: (reader: Reader) => T,
): WireRequest<T> => ({
  request: { apiKey, apiVersion, apiName, encode: async () => ({ buf: body, buffer: body }) },
  response: { decode: async (bytes) => read(reader(bytes)), parse: async (data) => data },
})
