import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { verifySecret } from '../config/secret.ts'
import type { Client, ClientTable } from './clients.ts'
import { addressKey, failureThrottle } from './failure-throttle.ts'
import { retrySeconds } from './rate-limit.ts'
import { semaphore } from './semaphore.ts'

/**
 * Who is asking. scrypt takes some 80 ms, so a credential is verified once: after that a digest of it, under a key that
 * dies with the process, is compared in constant time. What is not known good passes a throttle per address and a
 * bounded queue before it may cost a verification, and several requests with the same credential share one.
 */
export type Credentials =
  | { readonly kind: 'client'; readonly client: Client; readonly table: ClientTable }
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'busy' }

export type Authenticator = (username: string, password: string, address: string | undefined) => Promise<Credentials>

const maxWaiting = 64

const knownGood = (client: Client | undefined, digest: Buffer): boolean => {
  let good = false
  for (const verified of client?.verified.values() ?? []) if (timingSafeEqual(verified, digest)) good = true
  return good
}

/** As many verifications as anybody's attempt costs; the text of the secret that matched. */
const verify = async (table: ClientTable, client: Client | undefined, password: string): Promise<string | null> => {
  for (let round = 0; round < table.rounds; round++) {
    const secret = client?.secrets[round]
    if (await verifySecret(password, secret?.parsed ?? table.decoy)) return secret?.text ?? null
  }
  return null
}

export const authenticator = (tables: () => ClientTable, nowMs: () => number): Authenticator => {
  const key = randomBytes(32)
  const throttle = failureThrottle()
  const scrypts = semaphore(availableParallelism() > 2 ? 2 : 1, maxWaiting)
  const shared = new Map<string, Promise<boolean>>()

  const verifyOnce = (table: ClientTable, username: string, password: string, digest: Buffer) => {
    const name = digest.toString('base64')
    const client = table.byName.get(username)
    const started = scrypts.run(async () => {
      const text = await verify(table, client, password)
      if (text !== null) client?.verified.set(text, digest)
      return text !== null
    })
    if (started === null) return null
    const ended = started.finally(() => shared.delete(name))
    shared.set(name, ended)
    return ended
  }

  const login: Authenticator = async (username, password, address) => {
    const table = tables()
    const client = table.byName.get(username)
    const digest = createHmac('sha256', key).update(`${username}:${password}`, 'utf8').digest()
    if (client !== undefined && knownGood(client, digest)) return { kind: 'client', client, table }
    // Names that do not exist share one bucket: else each guess of a name would come with fresh attempts.
    const throttleKey = `${addressKey(address)} ${client === undefined ? '' : username}`
    const running = shared.get(digest.toString('base64'))
    const waitMs = running === undefined ? throttle.attempt(throttleKey, nowMs()) : 0
    if (waitMs > 0) return { kind: 'throttled', retryAfterSeconds: retrySeconds(waitMs) }
    const verified = running ?? verifyOnce(table, username, password, digest)
    if (verified === null) return { kind: 'busy' }
    const good = await verified
    // Clients were reloaded meanwhile: the verdict was about the old ones.
    if (tables() !== table) return login(username, password, address)
    if (!good || client === undefined) return { kind: 'refused' }
    throttle.succeeded(throttleKey)
    return { kind: 'client', client, table }
  }
  return login
}
