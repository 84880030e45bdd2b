/** Kafka's zigzag varints. Numbers up to 2^53 − 1 in size are exact: offsets' and timestamps' deltas stay far below. */

/** A position in a buffer; readers advance `at`. */
export type Cursor = { readonly bytes: Buffer; at: number }

export const readVarint = (cursor: Cursor): number => {
  const { bytes } = cursor
  let byte = bytes[cursor.at++]!
  let raw = byte & 0x7f
  let scale = 128
  while (byte >= 0x80) {
    if (cursor.at >= bytes.length) throw new RangeError('a number runs past its batch')
    byte = bytes[cursor.at++]!
    raw += (byte & 0x7f) * scale
    scale *= 128
  }
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
}

export const varintSize = (value: number): number => {
  let raw = zigzag(value)
  let size = 1
  for (; raw >= 128; raw = Math.floor(raw / 128)) size++
  return size
}

export const writeVarint = (cursor: Cursor, value: number): void => {
  let raw = zigzag(value)
  for (; raw >= 128; raw = Math.floor(raw / 128)) cursor.bytes[cursor.at++] = (raw % 128) | 0x80
  cursor.bytes[cursor.at++] = raw
}

const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2)

/** A signed 64-bit big-endian integer as a number; throws where it would not be exact. */
export const readInt64 = (bytes: Buffer, at: number): number => {
  const value = bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
  if (!Number.isSafeInteger(value)) throw new RangeError('an offset or timestamp beyond 2^53 − 1')
  return value
}
