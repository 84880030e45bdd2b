import { isIP, isIPv6 } from 'node:net'

/** Recent failures by key: an address or a name. Only failures are charged, so correct log-ins cost nothing. */
export type FailureThrottle = {
  /**
   * Charges one failure. Returns 0 while the key is within its rate, else the milliseconds until one more is within it.
   */
  readonly failed: (key: string, nowMs: number) => number
  /** Failures charged and not yet forgiven: 0 to `BURST`. */
  readonly charged: (key: string, nowMs: number) => number
}

/** Failures that a key may have at once; afterwards one failure a second is forgiven. */
export const BURST = 50
const FORGIVEN_PER_SECOND = 1
const MAX_KEYS = 10_000

export const failureThrottle = (): FailureThrottle => {
  /** The key with the oldest failure is first and is removed first. */
  const charges = new Map<string, { readonly count: number; readonly atMs: number }>()
  const charged = (key: string, nowMs: number): number => {
    const known = charges.get(key)
    if (known === undefined) return 0
    const passedMs = Math.max(0, nowMs - known.atMs)
    return Math.max(0, known.count - (passedMs / 1000) * FORGIVEN_PER_SECOND)
  }
  const failed = (key: string, nowMs: number): number => {
    const count = charged(key, nowMs) + 1
    const atMs = Math.max(nowMs, charges.get(key)?.atMs ?? nowMs)
    charges.delete(key)
    charges.set(key, { count: Math.min(count, BURST), atMs })
    if (charges.size > MAX_KEYS) charges.delete(charges.keys().next().value!)
    return count <= BURST ? 0 : ((count - BURST) / FORGIVEN_PER_SECOND) * 1000
  }
  return { failed, charged }
}

/** Some proxies add the client's port. */
const withoutPort = (address: string): string => {
  if (isIP(address) !== 0) return address
  const [, host = address] = /^\[(.+)\]:\d+$|^([^:]+):\d+$/.exec(address)?.filter((part) => part !== undefined) ?? []
  return host
}

/** The owner of one IPv6 address owns its /64; IPv4 in IPv6 counts as IPv4. */
export const addressKey = (given: string | undefined): string => {
  const address = withoutPort(given ?? '').slice(0, 64)
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length)
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':')
}
