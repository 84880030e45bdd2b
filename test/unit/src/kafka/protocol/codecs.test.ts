import { gzipSync, zstdCompressSync } from 'node:zlib'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import { describe, expect, test } from 'vitest'
import { decompress, MAX_UNPACKED_BYTES } from '../../../../../src/kafka/protocol/codecs.ts'
import { freeLease, UNPACKED_BYTES_AT_MOST, unpackBudget } from '../../../../../src/log/unpack-budget.ts'

const CODECS = [
  [1, 'gzip', (bytes: Buffer) => gzipSync(bytes)],
  [2, 'snappy', (bytes: Buffer) => snappy.compressSync(bytes)],
  [3, 'lz4', (bytes: Buffer) => lz4.compressFrameSync(bytes)],
  [4, 'zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
] as const

describe.each(CODECS)('codec %i, %s', (codec, name, compress) => {
  test('unpacks what it packed, up to some megabytes', () => {
    const text = Buffer.from('{"fee":100}'.repeat(500_000))
    expect(decompress(codec, compress(text), freeLease)?.equals(text)).toBe(true)
    const small = Buffer.from('{"fee":100}')
    expect(decompress(codec, compress(small), freeLease)?.equals(small)).toBe(true)
  })

  test('refuses what would unpack to more than is bearable, by its name, and at once', () => {
    const bomb = compress(Buffer.alloc(MAX_UNPACKED_BYTES + 1))
    const began = performance.now()
    expect(() => decompress(codec, bomb, freeLease)).toThrow(
      `a batch of ${bomb.length} bytes (${name}): unpacks to more than 128 MiB`,
    )
    expect(performance.now() - began).toBeLessThan(5000)
  })

  test('finds no room where too much is unpacked already, and holds room for what it unpacked', () => {
    const text = Buffer.from('{"fee":100}'.repeat(500_000))
    const budget = unpackBudget()
    const [neighbour, lease] = [budget.lease(), budget.lease()]
    neighbour.reserve(UNPACKED_BYTES_AT_MOST)
    expect(decompress(codec, compress(text), lease)).toBeNull()
    neighbour.release()
    expect(decompress(codec, compress(text), lease)?.length).toBe(text.length)
    expect(new Int32Array(budget.shared)[0]).toBe(text.length)
  })

  test('unpacks what grows more than it was guessed to', () => {
    const zeros = Buffer.alloc(20_000_000)
    const budget = unpackBudget()
    expect(decompress(codec, compress(zeros), budget.lease())?.length).toBe(zeros.length)
    expect(new Int32Array(budget.shared)[0]).toBe(zeros.length)
  })

  test('names itself where the bytes are none of its own', () => {
    expect(() => decompress(codec, Buffer.from('not packed at all'), freeLease)).toThrow(
      `a batch of 17 bytes (${name})`,
    )
  })
})

test('an unknown codec is refused', () => {
  expect(() => decompress(7, Buffer.alloc(1), freeLease)).toThrow('unknown compression codec 7')
})
