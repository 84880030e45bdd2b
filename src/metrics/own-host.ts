import { isIP } from 'node:net'
import { hostname } from 'node:os'

/**
 * Whether a `Host` header names this machine, and not a name that somebody else's DNS points at it. A web page could
 * otherwise read the status page with its visitor's browser: DNS rebinding. Addresses, names without a dot and names
 * below private domains cannot be anybody's. A request without the header comes from no browser.
 */
export const isOwnHost = (header: string | undefined, listening: string): boolean => {
  if (header === undefined) return true
  const name = nameOf(header.toLowerCase())
  if (name === null) return false
  const isPrivate = PRIVATE.some((domain) => name.endsWith(domain))
  return isIP(name) !== 0 || !name.includes('.') || isPrivate || [listening, hostname()].includes(name)
}

const PRIVATE = ['.localhost', '.local', '.internal', '.home.arpa', '.svc', '.cluster.local']

/** Without its port, the brackets of an IPv6 address and the last dot. */
const nameOf = (header: string): string | null => {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::\d{1,5})?$/.exec(header)
  return found?.[1] ?? found?.[2] ?? null
}
