import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import type { UnpackLease } from '../../../consumers/ports/unpack.ts'

/**
 * Every codec can shrink a hundredfold or more: what unpacks to more than this would stop the process for seconds, or take
 * it down, and is not read. Where a codec cannot be bounded while it unpacks, what its frame admits is added up before.
 */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024

type Codec = {
  readonly name: string
  /** @throws what `isTooLarge` knows, where it would be more than `limit` bytes */
  readonly unpack: (bytes: Buffer, limit: number) => Buffer
  /** The bytes to try with first; not to be trusted. */
  readonly guess: (bytes: Buffer) => number
}

/** Where nothing says what bytes unpack to: JSON shrinks less, and a wrong guess only costs a second attempt. */
const USUAL_GROWTH = 16

const CODECS: ReadonlyMap<number, Codec> = new Map([
  [
    1,
    {
      name: 'gzip',
      unpack: (bytes, limit) => gunzipSync(bytes, { maxOutputLength: limit }),
      // Its last four bytes say how much it was.
      guess: (bytes) => (bytes.length < 4 ? 0 : bytes.readUInt32LE(bytes.length - 4)),
    },
  ],
  [2, { name: 'snappy', unpack: (bytes, limit) => unsnappy(bytes, limit), guess: (bytes) => snappySize(bytes) }],
  [3, { name: 'lz4', unpack: (bytes, limit) => unlz4(bytes, limit), guess: (bytes) => lz4SizeAtMost(bytes) }],
  [
    4,
    {
      name: 'zstd',
      unpack: (bytes, limit) => zstdDecompressSync(bytes, { maxOutputLength: limit }),
      guess: (bytes) => bytes.length * USUAL_GROWTH,
    },
  ],
])

/**
 * The records of a compressed batch, unpacked; `codec` is the number in the batch's attributes. Synchronous, as batches
 * are about a megabyte, and the thread pool costs more than it saves. `null`: the lease has no room for them now. They
 * hold room in the lease for exactly their bytes.
 *
 * @throws RangeError that names the codec, where it cannot be unpacked or would be too large
 */
export const decompress = (codec: number, bytes: Uint8Array, lease: UnpackLease): Buffer | null => {
  const known = CODECS.get(codec)
  if (known === undefined) throw new RangeError(`unknown compression codec ${codec}`)
  const packed = asBuffer(bytes)
  const first = Math.min(Math.max(known.guess(packed), MIN_GUESS_BYTES), MAX_UNPACKED_BYTES)
  for (const limit of [first, MAX_UNPACKED_BYTES]) {
    if (!lease.reserve(limit)) return null
    try {
      const unpacked = known.unpack(packed, limit)
      lease.giveBack(limit - unpacked.length)
      return unpacked
    } catch (error) {
      lease.giveBack(limit)
      if (limit === MAX_UNPACKED_BYTES || !isTooLarge(error)) throw unreadable(known.name, packed, error)
    }
  }
  return null
}

/** A guess of nothing must leave zlib some room to find its end. */
const MIN_GUESS_BYTES = 4096

const unreadable = (name: string, { length }: Buffer, cause: unknown): RangeError => {
  const limit = `unpacks to more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB`
  const why = isTooLarge(cause) ? limit : (cause as Error).message
  return new RangeError(`a batch of ${length} bytes (${name}): ${why}`, { cause })
}

const TOO_LARGE = new RangeError('too large')

const isTooLarge = (error: unknown): boolean =>
  error === TOO_LARGE || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'

const checkUnpacked = (bytes: number, limit: number): void => {
  if (bytes > limit) throw TOO_LARGE
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Java frames snappy as in xerial's stream: these bytes, two version words, then blocks with their length in front. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

const unsnappy = (bytes: Buffer, limit: number): Buffer => {
  checkUnpacked(snappySize(bytes), limit)
  const blocks = xerialBlocks(bytes)
  return blocks === null ? unblock(bytes) : Buffer.concat(blocks.map(unblock))
}

const unblock = (block: Buffer): Buffer => snappy.uncompressSync(block) as Buffer

/** `null`: it has no frame, and is one block. */
const xerialBlocks = (bytes: Buffer): readonly Buffer[] | null => {
  if (bytes.length < XERIAL_HEADER_BYTES || !bytes.subarray(0, XERIAL.length).equals(XERIAL)) return null
  const blocks: Buffer[] = []
  let at = XERIAL_HEADER_BYTES
  while (at < bytes.length) {
    const length = at + 4 > bytes.length ? -1 : bytes.readInt32BE(at)
    if (length < 0 || at + 4 + length > bytes.length) throw new RangeError('snappy block runs past its frame')
    blocks.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return blocks
}

const snappySize = (bytes: Buffer): number =>
  (xerialBlocks(bytes) ?? [bytes]).reduce((sum, block) => sum + blockSize(block), 0)

/** A block begins with the number of bytes that it unpacks to, as a varint. */
const blockSize = (block: Buffer): number => {
  let size = 0
  for (let at = 0; at < Math.min(block.length, 5); at += 1) {
    size += (block[at]! & 0x7f) * 2 ** (7 * at)
    if (block[at]! < 0x80) break
  }
  return size
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

const unlz4 = (frame: Buffer, limit: number): Buffer => {
  checkUnpacked(lz4SizeAtMost(frame), limit)
  return lz4.decompressFrameSync(frame)
}
