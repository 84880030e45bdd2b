import { hash } from 'node:crypto'

/** HMAC-SHA-256 of a text under one key, as 64 hexadecimal digits. */
export type KeyedHash = (text: string) => string

const BLOCK = 64
const DIGEST = 32

/**
 * Two one-shot hashes over buffers that are prepared once (RFC 2104): `createHmac` takes twice as long, and every answer
 * needs one.
 */
export const keyedHash = (key: string): KeyedHash => {
  const short = Buffer.byteLength(key) > BLOCK ? hash('sha256', key, 'buffer') : Buffer.from(key)
  const padded = Buffer.alloc(BLOCK)
  short.copy(padded)
  const outer = Buffer.alloc(BLOCK + DIGEST)
  let inner = Buffer.alloc(BLOCK + 512)
  for (let at = 0; at < BLOCK; at++) {
    inner[at] = padded[at]! ^ 0x36
    outer[at] = padded[at]! ^ 0x5c
  }
  return (text) => {
    if (text.length * 3 > inner.length - BLOCK)
      inner = Buffer.concat([inner.subarray(0, BLOCK)], BLOCK + text.length * 3)
    const length = inner.write(text, BLOCK)
    outer.write(hash('sha256', inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1')
    return hash('sha256', outer, 'hex')
  }
}

/** Tells two keys apart and says nothing else of them. */
export const keyFingerprint = (hashed: KeyedHash): string => hashed('pullgate answers.key').slice(0, 8)
