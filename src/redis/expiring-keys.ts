import type { Redis } from 'ioredis'
import { mayExpire, parseStudentKey, studentPattern } from './keys.ts'

/** One page of a node's keys is enough: a wrong setting affects many keys of Pullgate. */
const PAGE = 200

/**
 * Keys of Pullgate that must not expire but have an expiry, set by another program. For a student's key the pattern is
 * returned, never the key.
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
