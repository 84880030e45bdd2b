/** What a record's pieces are written with. All numbers are little endian. */

/** The length that stands for no text. */
export const NO_TEXT = 0xffff

export type BytesWriter = {
  readonly skip: (count: number) => void
  readonly u8: (value: number) => void
  readonly u16: (value: number) => void
  readonly u32: (value: number) => void
  readonly f64: (value: number) => void
  /** With its length before it, `NO_TEXT` for `null`. */
  readonly text: (value: string | null) => void
  readonly sized32: (value: string) => void
  readonly utf8: (value: string) => void
  readonly bytes: (value: Uint8Array) => void
  readonly length: () => number
  readonly copy: () => Buffer
}

/** One scratch buffer that grows: pieces put together by `Buffer.concat` took twice the time. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024)

export const startBytes = (): BytesWriter => {
  let at = 0
  const room = (count: number): number => {
    const from = at
    at += count
    if (at > scratch.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(at, scratch.length * 2))
      scratch.copy(larger, 0, 0, from)
      scratch = larger
    }
    return from
  }
  /** A code unit is at most three bytes. */
  const utf8 = (value: string): number => {
    const from = room(value.length * 3)
    const written = scratch.write(value, from, 'utf8')
    at = from + written
    return written
  }
  const u16 = (value: number): void => {
    const from = room(2)
    scratch.writeUInt16LE(value, from)
  }
  const u32 = (value: number): void => {
    const from = room(4)
    scratch.writeUInt32LE(value, from)
  }
  return {
    skip: room,
    u8: (value) => {
      const from = room(1)
      scratch.writeUInt8(value, from)
    },
    u16,
    u32,
    f64: (value) => {
      const from = room(8)
      scratch.writeDoubleLE(value, from)
    },
    text: (value) => {
      if (value === null) return u16(NO_TEXT)
      const from = room(2)
      const length = utf8(value)
      scratch.writeUInt16LE(length, from)
    },
    sized32: (value) => {
      const from = room(4)
      const length = utf8(value)
      scratch.writeUInt32LE(length, from)
    },
    utf8,
    bytes: (value) => {
      const from = room(value.length)
      scratch.set(value, from)
    },
    length: () => at,
    copy: () => Buffer.from(scratch.subarray(0, at)),
  }
}
