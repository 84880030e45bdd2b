/** The partition that Java's default partitioner gives to a key: murmur2 with its seed, sign bit off, modulo. */
export const partitionOf = (key: string | Buffer, partitions: number): number =>
  (murmur2(Buffer.from(key as string)) & 0x7fffffff) % partitions

export const murmur2 = (data: Buffer): number => {
  const multiplier = 0x5bd1e995
  let hash = 0x9747b28c ^ data.length
  const whole = data.length - (data.length % 4)
  for (let i = 0; i < whole; i += 4) {
    let word = Math.imul(data.readInt32LE(i), multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const rest = data.length - whole
  if (rest >= 3) hash ^= data.readUInt8(whole + 2) << 16
  if (rest >= 2) hash ^= data.readUInt8(whole + 1) << 8
  if (rest >= 1) hash = Math.imul(hash ^ data.readUInt8(whole), multiplier)
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}
