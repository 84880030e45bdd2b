import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../../../../../consumers/ports/log.ts'
import type { Unpack, UnpackedPart, UnpackLease } from '../../../../../consumers/ports/unpack.ts'
import { crc32c } from '../../../../../src/kafka/protocol/crc32c.ts'
import { readBatches } from '../../../../../src/kafka/protocol/read-batches.ts'
import { BATCH, CODEC_MASK } from '../../../../../src/kafka/protocol/record-batch.ts'
import { recordBytesAtMost, writeBatch } from '../../../../../src/kafka/protocol/write-batch.ts'
import { freeLease, unpackBudget } from '../../../../../src/log/unpack-budget.ts'

const PRODUCER = { id: 7n, epoch: 0 }
const plain = (text: string): NewRecord => ({
  topic: 't',
  partition: 3,
  key: Buffer.from('key'),
  value: Buffer.from(text),
  headers: [['h', Buffer.from('v')]],
})

/** A batch as it lies in the log at an offset, its records compressed or not. */
const batchAt = (
  baseOffset: number,
  records: readonly NewRecord[],
  codec = 0,
  pack = (bytes: Buffer) => bytes,
): Buffer => {
  const written = writeBatch(records, PRODUCER, 0, 1000)
  const batch = Buffer.concat([written.subarray(0, BATCH.records), pack(written.subarray(BATCH.records))])
  batch.writeBigInt64BE(BigInt(baseOffset), 0)
  batch.writeInt32BE(batch.length - BATCH.length - 4, BATCH.length)
  batch.writeInt16BE(batch.readInt16BE(BATCH.attributes) | (codec & CODEC_MASK), BATCH.attributes)
  return sealed(batch)
}

const sealed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch, BATCH.attributes, batch.length), BATCH.crc)
  return batch
}

const xerial = (bytes: Buffer): Buffer => {
  const head = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const half = Math.ceil(bytes.length / 2)
  const blocks = [bytes.subarray(0, half), bytes.subarray(half)].map((part) => {
    const packed = snappy.compressSync(part)
    const length = Buffer.alloc(4)
    length.writeInt32BE(packed.length)
    return Buffer.concat([length, packed])
  })
  return Buffer.concat([head, ...blocks])
}

const offsets = (bytes: Buffer, from: number) => {
  const { unpack, next } = readBatches(bytes, 3, from, [])
  const { records } = unpack(freeLease)!
  return { offsets: records.map(({ offset }) => offset), next }
}

/** All parts of fetched bytes; `taken` hears of each while it is in hand. */
const partsOf = (bytes: Buffer, lease: UnpackLease, taken = () => {}) => {
  const parts: { readonly offsets: readonly number[]; readonly next: number }[] = []
  for (let unpack: Unpack | null = readBatches(bytes, 3, 0, []).unpack; unpack !== null; ) {
    const { records, next, rest }: UnpackedPart = unpack(lease)!
    parts.push({ offsets: records.map(({ offset }) => offset), next })
    taken()
    unpack = rest
  }
  return parts
}

describe('record batches', () => {
  it('are read as they were written, whatever is in the records', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null })
    const header = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), bytes)
    const record = fc.record({
      topic: fc.constant('t'),
      partition: fc.constant(3),
      key: bytes,
      value: bytes,
      headers: fc.array(header, { maxLength: 4 }),
      timestampMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    })
    const from = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), from, (records, base) => {
        const { next, unpack } = readBatches(batchAt(base, records), 3, base, [])
        const read = unpack(freeLease)!.records
        expect(next).toBe(base + records.length)
        expect(read.length).toBe(records.length)
        records.forEach(({ key, value, headers, timestampMs }, i) => {
          const got = read[i]!
          expect([got.offset, got.timestampMs]).toEqual([base + i, timestampMs])
          expect([got.key, got.value].map((b) => b && [...b])).toEqual([key, value].map((b) => b && [...b]))
          expect(got.headers.map(([n, b]) => [n, b && [...b]])).toEqual(headers.map(([n, b]) => [n, b && [...b]]))
        })
        const sizes = records.map(recordBytesAtMost)
        const most = sizes.reduce((sum, size) => sum + size, BATCH.records as number)
        expect(writeBatch(records, PRODUCER, 0, 0).length).toBeLessThanOrEqual(most)
      }),
    )
  })

  const packings: readonly (readonly [string, number, (bytes: Buffer) => Buffer])[] = [
    ['gzip', 1, (bytes) => gzipSync(bytes)],
    ['snappy as one block', 2, (bytes) => snappy.compressSync(bytes)],
    ['snappy in a Java stream’s frame', 2, xerial],
    ['lz4', 3, (bytes) => lz4.compressFrameSync(bytes)],
    ['zstd', 4, (bytes) => zstdCompressSync(bytes)],
  ]
  it.each(packings)('are unpacked from %s', (_, codec, pack) => {
    const records = Array.from({ length: 100 }, (_, i) => plain(`value ${i}`))
    const read = readBatches(batchAt(5, records, codec, pack), 3, 5, []).unpack(freeLease)!.records
    expect(read.map(({ value }) => Buffer.from(value!).toString())).toEqual(records.map((_, i) => `value ${i}`))
  })

  it('give the records from the asked offset on, also from the middle of a batch', () => {
    const two = Buffer.concat([batchAt(10, [plain('a'), plain('b')]), batchAt(12, [plain('c'), plain('d')])])
    expect(offsets(two, 11)).toEqual({ offsets: [11, 12, 13], next: 14 })
    expect(offsets(two, 13)).toEqual({ offsets: [13], next: 14 })
  })

  it('are left for later where the response cut them short', () => {
    const two = Buffer.concat([batchAt(10, [plain('a')]), batchAt(11, [plain('b')])])
    for (let cut = 1; cut < batchAt(11, [plain('b')]).length; cut++)
      expect(offsets(two.subarray(0, two.length - cut), 10)).toEqual({ offsets: [10], next: 11 })
  })

  it('move past offsets that the batch covers and no record has', () => {
    const batch = batchAt(10, [plain('a'), plain('b')])
    batch.writeInt32BE(9, BATCH.lastOffsetDelta)
    expect(offsets(sealed(batch), 10)).toEqual({ offsets: [10, 11], next: 20 })
  })

  it('hold a quarter of a million records, and come in parts', () => {
    const many = Array.from({ length: 250_000 }, () => plain(''))
    const packed = batchAt(0, many, 4, (bytes) => zstdCompressSync(bytes))
    const parts = partsOf(packed, freeLease)
    expect(parts.map(({ next }) => next)).toEqual([50_000, 100_000, 150_000, 200_000, 250_000])
    expect(parts.flatMap(({ offsets }) => offsets)).toEqual(many.map((_, offset) => offset))
  })

  it('come in parts of some megabytes, each of which gives back the room of the one before', () => {
    const large = Array.from({ length: 20 }, () => plain('x'.repeat(500_000)))
    const batches = Array.from({ length: 5 }, (_, at) =>
      batchAt(at * large.length, large, 1, (bytes) => gzipSync(bytes)),
    )
    const budget = unpackBudget()
    const lease = budget.lease()
    const held: number[] = []
    const parts = partsOf(Buffer.concat(batches), lease, () => held.push(new Int32Array(budget.shared)[0]! / 1e6))
    expect(parts.map(({ next }) => next)).toEqual([40, 80, 100])
    expect(parts.flatMap(({ offsets }) => offsets)).toEqual(Array.from({ length: 100 }, (_, offset) => offset))
    expect(held.map(Math.round)).toEqual([20, 20, 10])
  })

  it('are refused when any bit behind the checksum has changed', () => {
    const batch = batchAt(10, [plain('a'), plain('b')])
    for (let at = BATCH.attributes; at < batch.length; at++) {
      const broken = Buffer.from(batch)
      broken[at]! ^= 1 << (at % 8)
      expect(() => readBatches(broken, 3, 10, [])).toThrow(RangeError)
    }
  })

  it('are refused when they are unpacked, where a record is not as long as it says', () => {
    const batch = batchAt(10, [plain('a'), plain('b')])
    batch[BATCH.records]! += 2
    const { next, unpack } = readBatches(sealed(batch), 3, 10, [])
    expect(next).toBe(12)
    expect(() => unpack(freeLease)).toThrow(RangeError)
  })

  it('are refused in a format that is not theirs, and beyond exact numbers', () => {
    const old = batchAt(10, [plain('a')])
    old[BATCH.magic] = 1
    expect(() => readBatches(old, 3, 10, [])).toThrow(/format 1/)
    const far = batchAt(10, [plain('a')])
    far.writeBigInt64BE(2n ** 60n, 0)
    expect(() => readBatches(far, 3, 10, [])).toThrow(/2\^53/)
  })

  it('hide a producer’s aborted records up to its marker, and no other’s', () => {
    const transactional = (base: number, id: bigint, control = false): Buffer => {
      const batch = batchAt(base, [plain('x')])
      batch.writeInt16BE(control ? 0x30 : 0x10, BATCH.attributes)
      batch.writeBigInt64BE(id, BATCH.producerId)
      return sealed(batch)
    }
    const bytes = Buffer.concat([
      transactional(0, 1n),
      transactional(1, 2n),
      transactional(2, 2n, true),
      transactional(3, 2n),
      transactional(4, 1n, true),
      transactional(5, 1n),
    ])
    // As the broker lists them: in the order of their ends.
    const aborted = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ]
    const { unpack, next } = readBatches(bytes, 3, 0, aborted)
    const { records } = unpack(freeLease)!
    expect({ offsets: records.map(({ offset }) => offset), next }).toEqual({ offsets: [3, 5], next: 6 })
  })
})

describe('crc32c', () => {
  it('knows the check value of the standard, at any length around its step', () => {
    expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283)
    expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa)
    expect(crc32c(Buffer.alloc(0), 0, 0)).toBe(0)
  })
})
