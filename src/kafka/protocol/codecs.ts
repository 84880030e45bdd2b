import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import lz4 from 'lz4-napi'
import snappy from 'snappy'

/** gzip and zstd can shrink a thousandfold: what unpacks to more than this would take the process down, and is not read. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024

/**
 * The records of a compressed batch, unpacked; `codec` is the number in the batch's attributes. Synchronous, as batches
 * are about a megabyte, and the thread pool costs more than it saves.
 */
export const decompress = (codec: number, bytes: Uint8Array): Buffer => {
  switch (codec) {
    case 1:
      return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })
    case 2:
      return unsnappy(bytes)
    case 3:
      return lz4.decompressFrameSync(asBuffer(bytes))
    case 4:
      return zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })
    default:
      throw new RangeError(`unknown compression codec ${codec}`)
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Java frames snappy as xerial's stream does: this magic, two version words, then blocks behind their length. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER_BYTES = 16

const unsnappy = (bytes: Uint8Array): Buffer => {
  const buffer = asBuffer(bytes)
  if (buffer.length < XERIAL_HEADER_BYTES || !buffer.subarray(0, XERIAL.length).equals(XERIAL)) return unblock(buffer)
  const blocks: Buffer[] = []
  let at = XERIAL_HEADER_BYTES
  while (at < buffer.length) {
    const length = buffer.readInt32BE(at)
    if (length < 0 || at + 4 + length > buffer.length) throw new RangeError('snappy block runs past its frame')
    blocks.push(unblock(buffer.subarray(at + 4, at + 4 + length)))
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

const unblock = (block: Buffer): Buffer => snappy.uncompressSync(block) as Buffer
