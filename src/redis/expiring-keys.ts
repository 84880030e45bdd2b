import type { Redis } from 'ioredis'
import { mayExpire, parseStudentKey, studentPattern } from './keys.ts'

/** A page of a node's keys: what is wrong with one key of Pullgate's is wrong with many. */
const PAGE = 200

/**
 * Keys of Pullgate that must not vanish and have an expiry all the same, as somebody else has set it. Of students the
 * pattern is named and never the key.
 */
export const expiringKeys = async (node: Redis): Promise<readonly string[]> => {
  const [, keys] = await node.scan('0', 'MATCH', 'pg:*', 'COUNT', PAGE)
  const lasting = keys.filter((key) => !mayExpire(key))
  const ends = await Promise.all(lasting.map((key) => node.pttl(key)))
  const found = lasting.filter((_, index) => ends[index]! >= 0).map(nameOf)
  return [...new Set(found)].slice(0, 3)
}

const nameOf = (key: string): string => {
  const isStudent = parseStudentKey(key) !== null
  return isStudent ? studentPattern(Number(key.split(':')[1])) : key
}
