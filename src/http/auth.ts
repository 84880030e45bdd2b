import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { verifySecret } from '../config/secret.ts'
import { type Client, type ClientTable, isSamePrice } from './clients.ts'
import { BURST, failureThrottle } from './failure-throttle.ts'
import { loginQueue } from './login-queue.ts'
import { retrySeconds } from './rate-limit.ts'

/**
 * Authenticates a client. scrypt takes about 80 ms, so a credential is verified once. Later requests compare a digest
 * of it, keyed for the process, in constant time. Wrong credentials are remembered too, so that a repeated one costs
 * nothing more.
 * New credentials are verified through src/http/login-queue.ts. A failure is charged to its address and to its name.
 * Above the failure rate of either, the refusal is a 429 instead of a 401.
 * Existing and unknown names cause the same verifications and waits, and get the same answers.
 */
export type Credentials =
  | { readonly kind: 'client'; readonly client: Client; readonly table: ClientTable }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'busy' }

/** The origin of a log-in: the address's key, and whether the connection is gone. */
export type LoginOrigin = { readonly address: string; readonly isGone: () => boolean }

export type Authenticator = (username: string, password: string, origin: LoginOrigin) => Promise<Credentials>

const QUEUE = { workers: availableParallelism() > 2 ? 2 : 1, maxWaiting: 1_024, maxWaitMs: 10_000 }
const MAX_WRONG = 1_024

const knownGood = (client: Client | undefined, digest: Buffer): boolean => {
  let good = false
  for (const verified of client?.verified.values() ?? []) if (timingSafeEqual(verified, digest)) good = true
  return good
}

/**
 * Every attempt makes the same number of verifications at the same cost. Returns the text of the secret that matched.
 */
const verify = async (table: ClientTable, client: Client | undefined, password: string): Promise<string | null> => {
  const secrets = [...(client?.secrets ?? [])]
  for (const decoy of table.decoys) {
    const at = secrets.findIndex(({ parsed }) => isSamePrice(parsed, decoy))
    const [secret] = at === -1 ? [] : secrets.splice(at, 1)
    const isRight = await verifySecret(password, secret?.parsed ?? decoy)
    if (isRight && secret !== undefined) return secret.text
  }
  return null
}

/** Digests of credentials that were wrong under a table; the oldest is removed first. */
const wrongUnder = () => {
  const tables = new WeakMap<ClientTable, Set<string>>()
  const of = (table: ClientTable): Set<string> => {
    const known = tables.get(table) ?? new Set()
    tables.set(table, known)
    return known
  }
  return {
    has: (table: ClientTable, digest: string) => of(table).has(digest),
    add: (table: ClientTable, digest: string): void => {
      const known = of(table)
      known.add(digest)
      if (known.size > MAX_WRONG) known.delete(known.values().next().value!)
    },
  }
}

export const authenticator = (tables: () => ClientTable, nowMs: () => number): Authenticator => {
  const key = randomBytes(32)
  const nameKey = randomBytes(32).toString('base64')
  const addresses = failureThrottle()
  const names = failureThrottle()
  const queue = loginQueue(QUEUE)
  const wrong = wrongUnder()
  const shared = new Map<string, ReturnType<typeof queue.enter>>()

  const login: Authenticator = async (username, password, origin) => {
    const table = tables()
    const client = table.byName.get(username)
    const digest = createHmac('sha256', key).update(`${username}:${password}`, 'utf8').digest()
    if (client !== undefined && knownGood(client, digest)) return { kind: 'client', client, table }
    const digestText = digest.toString('base64')
    const name = hash('sha256', nameKey + username, 'base64')
    const { address } = origin

    /** Equal credentials from the same address share one verification. */
    const resultOf = () => {
      const sharedKey = `${address} ${digestText}`
      const running = shared.get(sharedKey)
      if (running !== undefined) return running
      const started = queue
        .enter({
          charged: (now) => {
            const [ofAddress, ofName] = [addresses.charged(address, now), names.charged(name, now)]
            return { address: ofAddress, name: ofName, isOver: Math.max(ofAddress, ofName) > BURST - 1 }
          },
          isGone: origin.isGone,
          verify: async () => {
            const text = await verify(table, client, password)
            if (text !== null) client?.verified.set(text, digest)
            return text !== null
          },
        })
        .finally(() => shared.delete(sharedKey))
      shared.set(sharedKey, started)
      return started
    }

    const result = wrong.has(table, digestText) ? 'wrong' : await resultOf()
    // Clients were reloaded meanwhile: the result belongs to the former clients.
    if (tables() !== table) return login(username, password, origin)
    if (result === 'right' && client !== undefined) return { kind: 'client', client, table }
    if (result === 'turned_away') return { kind: 'busy' }
    wrong.add(table, digestText)
    const waitMs = Math.max(addresses.failed(address, nowMs()), names.failed(name, nowMs()))
    return waitMs > 0 ? { kind: 'throttled', retryAfterSeconds: retrySeconds(waitMs) } : { kind: 'refused' }
  }
  return login
}
