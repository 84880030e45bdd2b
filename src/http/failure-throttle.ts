import { isIPv6 } from 'node:net'
import { type TokenBucket, tokenBucket } from './rate-limit.ts'

/**
 * Failed log-ins per client address and user name. Only credentials that have to be verified pass here, so a partner
 * whose secret is known good is never locked out by somebody behind the same address.
 */
export type FailureThrottle = {
  /** 0: an attempt may be made, and is counted as failed until `succeeded`. Else milliseconds to wait. */
  readonly attempt: (key: string, nowMs: number) => number
  readonly succeeded: (key: string) => void
}

const burst = 50
const perSecond = 1
const maxKeys = 10_000

/** Who owns one IPv6 address owns its /64; IPv4 in IPv6 is IPv4. */
export const addressKey = (address: string | undefined): string => {
  if (address === undefined) return ''
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length)
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')
}

export const failureThrottle = (): FailureThrottle => {
  const buckets = new Map<string, TokenBucket>()
  const attempt = (key: string, nowMs: number): number => {
    const bucket = buckets.get(key) ?? tokenBucket(perSecond, burst)
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value!)
    return bucket.take(nowMs)
  }
  return { attempt, succeeded: (key) => void buckets.delete(key) }
}
