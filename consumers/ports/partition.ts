/**
 * Which partition an identifier belongs to: murmur2 of the UTF-8 key, sign bit cleared, modulo the number of partitions,
 * as Java's default partitioner computes it. Every pull asks, so nothing is allocated for a key of usual length.
 */

const SEED = 0x9747b28c
const M = 0x5bd1e995

/** Identifiers have at most 128 code points of at most 4 bytes; a longer text takes a buffer of its own. */
const scratch = Buffer.alloc(512)

export const partitionOf = (identifier: string, partitions: number): number => {
  if (identifier.length * 3 > scratch.length) return partitionOfKey(Buffer.from(identifier), partitions)
  return positive(murmur2(scratch, scratch.write(identifier))) % partitions
}

/** The same for a key in bytes. */
export const partitionOfKey = (key: Uint8Array, partitions: number): number =>
  positive(murmur2(key, key.length)) % partitions

const positive = (hash: number): number => hash & 0x7fffffff

/** The hash of the first `length` bytes, a signed 32-bit integer. */
export const murmur2 = (bytes: Uint8Array, length: number): number => {
  let h = SEED ^ length
  const words = length & ~3
  for (let i = 0; i < words; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const rest = length - words
  if (rest > 2) h ^= bytes[words + 2]! << 16
  if (rest > 1) h ^= bytes[words + 1]! << 8
  if (rest > 0) h = Math.imul(h ^ bytes[words]!, M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}
