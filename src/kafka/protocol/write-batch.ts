/**
 * Encodes records into one uncompressed record batch of an idempotent producer, byte for byte as sent to the broker.
 */

import type { Header, NewRecord } from '../../../consumers/ports/log.ts'
import { crc32c } from './crc32c.ts'
import { BATCH, MAGIC } from './record-batch.ts'
import { type Cursor, varintSize, writeVarint } from './varint.ts'

export type Producer = { readonly id: bigint; readonly epoch: number }

/**
 * Upper limit of the bytes that a record adds to a batch: its fields, and numbers of at most 5 bytes except the
 * timestamp's 9.
 */
export const recordBytesAtMost = (record: NewRecord): number => {
  let size = 40 + (record.key?.length ?? 0) + (record.value?.length ?? 0)
  for (const [name, value] of record.headers) size += 10 + Buffer.byteLength(name) + (value?.length ?? 0)
  return size
}

export const writeBatch = (
  records: readonly NewRecord[],
  producer: Producer,
  baseSequence: number,
  nowMs: number,
): Buffer => {
  const times = records.map((record) => record.timestampMs ?? nowMs)
  const base = times[0] ?? nowMs
  const bodies = records.map((record, index) => bodySize(record, times[index]! - base, index))
  const size = bodies.reduce((sum, body) => sum + varintSize(body) + body, BATCH.records)
  const bytes = Buffer.alloc(size)
  const cursor: Cursor = { bytes, at: BATCH.records }
  records.forEach((record, index) => {
    writeVarint(cursor, bodies[index]!)
    writeRecord(cursor, record, times[index]! - base, index)
  })
  bytes.writeInt32BE(size - BATCH.length - 4, BATCH.length)
  bytes.writeInt32BE(-1, 12)
  bytes[BATCH.magic] = MAGIC
  bytes.writeInt32BE(records.length - 1, BATCH.lastOffsetDelta)
  bytes.writeBigInt64BE(BigInt(base), BATCH.baseTimestamp)
  bytes.writeBigInt64BE(BigInt(times.reduce((max, time) => Math.max(max, time), base)), BATCH.maxTimestamp)
  bytes.writeBigInt64BE(producer.id, BATCH.producerId)
  bytes.writeInt16BE(producer.epoch, BATCH.producerEpoch)
  bytes.writeInt32BE(baseSequence, BATCH.baseSequence)
  bytes.writeInt32BE(records.length, BATCH.count)
  bytes.writeUInt32BE(crc32c(bytes, BATCH.attributes, size), BATCH.crc)
  return bytes
}

const bodySize = (record: NewRecord, timestampDelta: number, offsetDelta: number): number => {
  let size = 1 + varintSize(timestampDelta) + varintSize(offsetDelta)
  size += fieldSize(record.key?.length) + fieldSize(record.value?.length) + varintSize(record.headers.length)
  for (const [name, value] of record.headers) size += fieldSize(Buffer.byteLength(name)) + fieldSize(value?.length)
  return size
}

const fieldSize = (length: number | undefined): number =>
  length === undefined ? varintSize(-1) : varintSize(length) + length

const writeRecord = (cursor: Cursor, record: NewRecord, timestampDelta: number, offsetDelta: number): void => {
  cursor.bytes[cursor.at++] = 0
  writeVarint(cursor, timestampDelta)
  writeVarint(cursor, offsetDelta)
  writeField(cursor, record.key)
  writeField(cursor, record.value)
  writeVarint(cursor, record.headers.length)
  for (const header of record.headers) writeHeader(cursor, header)
}

const writeHeader = (cursor: Cursor, [name, value]: Header): void => {
  writeVarint(cursor, Buffer.byteLength(name))
  cursor.at += cursor.bytes.write(name, cursor.at)
  writeField(cursor, value)
}

const writeField = (cursor: Cursor, value: Uint8Array | null): void => {
  writeVarint(cursor, value?.length ?? -1)
  if (value === null) return
  cursor.bytes.set(value, cursor.at)
  cursor.at += value.length
}
