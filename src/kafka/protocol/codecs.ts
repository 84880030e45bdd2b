import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import lz4 from 'lz4-napi'
import snappy from 'snappy'

/**
 * Every codec can shrink a hundredfold or more: what unpacks to more than this would stop the process for seconds, or take
 * it down, and is not read. Where a codec cannot be bounded while it unpacks, what its frame admits is added up before.
 */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024

const CODECS: ReadonlyMap<number, readonly [name: string, unpack: (bytes: Buffer) => Buffer]> = new Map([
  [1, ['gzip', (bytes) => gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })]],
  [2, ['snappy', (bytes) => unsnappy(bytes)]],
  [3, ['lz4', (bytes) => unlz4(bytes)]],
  [4, ['zstd', (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })]],
])

/**
 * The records of a compressed batch, unpacked; `codec` is the number in the batch's attributes. Synchronous, as batches
 * are about a megabyte, and the thread pool costs more than it saves.
 *
 * @throws RangeError that names the codec, where it cannot be unpacked or would be too large
 */
export const decompress = (codec: number, bytes: Uint8Array): Buffer => {
  const known = CODECS.get(codec)
  if (known === undefined) throw new RangeError(`unknown compression codec ${codec}`)
  const [name, unpack] = known
  try {
    return unpack(asBuffer(bytes))
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' || error === TOO_LARGE
    const why = isTooLarge ? `unpacks to more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB` : (error as Error).message
    throw new RangeError(`a batch of ${bytes.length} bytes (${name}): ${why}`, { cause: error })
  }
}

const TOO_LARGE = new RangeError('too large')

const checkUnpacked = (bytes: number): void => {
  if (bytes > MAX_UNPACKED_BYTES) throw TOO_LARGE
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Java frames snappy as in xerial's stream: these bytes, two version words, then blocks with their length in front. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

const unsnappy = (bytes: Uint8Array): Buffer => {
  const buffer = asBuffer(bytes)
  if (buffer.length < XERIAL_HEADER_BYTES || !buffer.subarray(0, XERIAL.length).equals(XERIAL)) return unblock(buffer)
  const blocks: Buffer[] = []
  let unpacked = 0
  let at = XERIAL_HEADER_BYTES
  while (at < buffer.length) {
    const length = buffer.readInt32BE(at)
    if (length < 0 || at + 4 + length > buffer.length) throw new RangeError('snappy block runs past its frame')
    const block = buffer.subarray(at + 4, at + 4 + length)
    unpacked += snappySize(block)
    checkUnpacked(unpacked)
    blocks.push(unblock(block))
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

/** A block begins with the number of bytes that it unpacks to, as a varint. */
const snappySize = (block: Buffer): number => {
  let size = 0
  for (let at = 0; at < Math.min(block.length, 5); at += 1) {
    size += (block[at]! & 0x7f) * 2 ** (7 * at)
    if (block[at]! < 0x80) break
  }
  return size
}

const unblock = (block: Buffer): Buffer => {
  checkUnpacked(snappySize(block))
  return snappy.uncompressSync(block) as Buffer
}

const LZ4_MAGIC = 0x184d2204
const LZ4 = { contentSize: 0x08, blockChecksum: 0x10, dictionary: 0x01, plainBlock: 0x8000_0000 } as const
/** No block of lz4 grows more than so many times. */
const LZ4_GROWTH = 255

/** What the blocks of a frame unpack to at most; the library itself has no bound. */
const lz4SizeAtMost = (frame: Buffer): number => {
  if (frame.length < 7 || frame.readUInt32LE(0) !== LZ4_MAGIC) return 0
  const flags = frame[4]!
  const largest = 2 ** (8 + 2 * ((frame[5]! >> 4) & 7))
  let at = 7 + (flags & LZ4.contentSize ? 8 : 0) + (flags & LZ4.dictionary ? 4 : 0)
  let sum = 0
  while (at + 4 <= frame.length) {
    const head = frame.readUInt32LE(at)
    if (head === 0) break
    const length = head & 0x7fff_ffff
    sum += (head & LZ4.plainBlock) !== 0 ? length : Math.min(largest, length * LZ4_GROWTH)
    at += 4 + length + (flags & LZ4.blockChecksum ? 4 : 0)
  }
  return sum
}

const unlz4 = (frame: Buffer): Buffer => {
  checkUnpacked(lz4SizeAtMost(frame))
  return lz4.decompressFrameSync(frame)
}
