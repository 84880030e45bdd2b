/**
 * Decodes record batches of one partition into its committed records. kafkajs's own decoder is not used:
 *
 * - It keeps headers in an object, which loses their order and names such as `constructor`.
 * - It spreads a batch's records into one call, a stack overflow past some 120,000.
 * - It orders aborted transactions by their ends, so two that overlap leak records.
 * - It checks no checksum.
 */

import type { Header, LogRecord } from '../../../consumers/ports/log.ts'
import type { Unpack, UnpackLease } from '../../../consumers/ports/unpack.ts'
import { decompress } from './codecs.ts'
import { crc32c } from './crc32c.ts'
import { BATCH, CODEC_MASK, CONTROL, LOG_APPEND_TIME, MAGIC, TRANSACTIONAL } from './record-batch.ts'
import { type Cursor, readInt64, readVarint } from './varint.ts'

/** An aborted transaction with its first offset in this partition; in any order. */
export type AbortedTransaction = { readonly producerId: bigint; readonly firstOffset: number }

/** The fetched bytes of one partition, checked but not unpacked: records would be many objects. */
export type Fetched = {
  readonly from: number
  readonly next: number
  /** Throws a `RangeError` also where the records differ from their batch's header. */
  readonly unpack: Unpack
}

/** A batch whose records are shown; `lastOffset` is the last one that it covers. */
type Shown = { readonly batch: Buffer; readonly baseOffset: number; readonly lastOffset: number }

/** Throws a `RangeError` on an invalid batch; a batch that the response cuts off is left for the next fetch. */
export const readBatches = (
  bytes: Buffer,
  partition: number,
  from: number,
  abortedTransactions: readonly AbortedTransaction[],
): Fetched => {
  const shown: Shown[] = []
  const isAborted = abortedFilter(abortedTransactions)
  let next = from
  let at = 0
  while (at + BATCH.records <= bytes.length) {
    const end = at + BATCH.length + 4 + bytes.readInt32BE(at + BATCH.length)
    if (end > bytes.length) break
    const batch = bytes.subarray(at, end)
    const baseOffset = checkedBaseOffset(batch)
    const lastOffset = baseOffset + batch.readInt32BE(BATCH.lastOffsetDelta)
    at = end
    const hidden = isAborted(batch, lastOffset)
    if (lastOffset < from) continue
    if (!hidden) shown.push({ batch, baseOffset, lastOffset })
    next = lastOffset + 1
  }
  return { from, next, unpack: partsOf(shown, partition, from, next) }
}

/** A part ends after so much: neither bytes nor objects of a fetch are all in memory at once. */
export const PART = { bytes: 16 * 1024 * 1024, records: 50_000 } as const

/** The records of one batch, and how many of them were read. */
type OpenBatch = Shown & { readonly cursor: Cursor; readonly held: number; read: number }

const partsOf = (shown: readonly Shown[], partition: number, from: number, end: number): Unpack => {
  let at = 0
  let open: OpenBatch | null = null
  /** Room of batches that the part before has used up. */
  let over = 0
  const unpack: Unpack = (lease) => {
    lease.giveBack(over)
    over = 0
    const records: LogRecord[] = []
    let bytes = 0
    let next = from
    while (at < shown.length && bytes < PART.bytes) {
      open ??= openBatch(shown[at]!, lease)
      if (open === null) return next === from ? null : { records, next, rest: unpack }
      readRecords(open, partition, from, records, PART.records)
      if (open.read < countOf(open)) return { records, next: records.at(-1)!.offset + 1, rest: unpack }
      next = open.lastOffset + 1
      bytes += open.held
      over += open.held
      open = null
      at += 1
    }
    return at < shown.length ? { records, next, rest: unpack } : { records, next: end, rest: null }
  }
  return unpack
}

const checkedBaseOffset = (batch: Buffer): number => {
  if (batch.length < BATCH.records) throw new RangeError('a record batch is shorter than its head')
  const magic = batch[BATCH.magic]
  if (magic !== MAGIC) throw new RangeError(`record format ${magic} is not supported, only ${MAGIC}`)
  const crc = batch.readUInt32BE(BATCH.crc)
  if (crc32c(batch, BATCH.attributes, batch.length) !== crc) throw new RangeError('a record batch has a wrong checksum')
  return readInt64(batch, 0)
}

/**
 * Decides for each batch in order whether its records are hidden: control records, and records of aborted transactions.
 */
const abortedFilter = (transactions: readonly AbortedTransaction[]) => {
  const coming = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<bigint>()
  let begun = 0
  return (batch: Buffer, lastOffset: number): boolean => {
    const attributes = batch.readInt16BE(BATCH.attributes)
    for (; begun < coming.length && coming[begun]!.firstOffset <= lastOffset; begun++)
      open.add(coming[begun]!.producerId)
    if (attributes & CONTROL) {
      open.delete(batch.readBigInt64BE(BATCH.producerId))
      return true
    }
    return open.size > 0 && (attributes & TRANSACTIONAL) !== 0 && open.has(batch.readBigInt64BE(BATCH.producerId))
  }
}

const countOf = ({ batch }: Shown): number => batch.readInt32BE(BATCH.count)

/** `null`: the lease has no room for it now. */
const openBatch = (shown: Shown, lease: UnpackLease): OpenBatch | null => {
  const { batch } = shown
  const codec = batch.readInt16BE(BATCH.attributes) & CODEC_MASK
  const packed = batch.subarray(BATCH.records)
  if (codec === 0) return { ...shown, cursor: { bytes: packed, at: 0 }, held: 0, read: 0 }
  const bytes = decompress(codec, packed, lease)
  return bytes && { ...shown, cursor: { bytes, at: 0 }, held: bytes.length, read: 0 }
}

/** Reads on in the batch, until `into` has `most` records or the batch ends. */
const readRecords = (open: OpenBatch, partition: number, from: number, into: LogRecord[], most: number): void => {
  const { batch, baseOffset, cursor } = open
  const baseTimestamp = readInt64(batch, BATCH.baseTimestamp)
  const isAppendTime = (batch.readInt16BE(BATCH.attributes) & LOG_APPEND_TIME) !== 0
  const appendTime = isAppendTime ? readInt64(batch, BATCH.maxTimestamp) : null
  const count = countOf(open)
  for (; open.read < count && into.length < most; open.read += 1) {
    const length = readVarint(cursor)
    const end = cursor.at + length
    if (length < 0 || end > cursor.bytes.length) throw new RangeError('a record runs past its batch')
    cursor.at++ // attributes, unused by the format
    const timestampDelta = readVarint(cursor)
    const offset = baseOffset + readVarint(cursor)
    if (offset >= from) {
      const key = readBytes(cursor)
      const value = readBytes(cursor)
      const headers = readHeaders(cursor)
      if (cursor.at !== end) throw new RangeError('a record is not as long as it says')
      into.push({ partition, offset, timestampMs: appendTime ?? baseTimestamp + timestampDelta, key, value, headers })
    }
    cursor.at = end
  }
}

const NO_HEADERS: readonly Header[] = []

const readHeaders = (cursor: Cursor): readonly Header[] => {
  const count = readVarint(cursor)
  if (count === 0) return NO_HEADERS
  const headers: Header[] = []
  for (let i = 0; i < count; i++) {
    const name = readBytes(cursor)
    if (name === null) throw new RangeError('a header has no name')
    headers.push([name.toString(), readBytes(cursor)])
  }
  return headers
}

const readBytes = (cursor: Cursor): Buffer | null => {
  const length = readVarint(cursor)
  if (length < 0) return null
  const start = cursor.at
  cursor.at += length
  if (cursor.at > cursor.bytes.length) throw new RangeError('a field runs past its batch')
  return cursor.bytes.subarray(start, cursor.at)
}
