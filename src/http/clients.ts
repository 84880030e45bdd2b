import { randomBytes } from 'node:crypto'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { LiveConfig } from '../config/live.ts'
import type { ClientConfig, Config } from '../config/load.ts'
import { type ParsedSecret, parseSecret } from '../config/secret.ts'
import { type TokenBucket, tokenBucket } from './rate-limit.ts'

/** A client as the HTTP edge needs it. */
export type Client = {
  readonly username: string
  /** `null`: may not pull. */
  readonly scope: Scope | null
  readonly publish: ReadonlySet<string>
  /** How the client's webhook signs its posts; the header's name is in lower case. */
  readonly webhook: { readonly header: string; readonly secret: string } | null
  readonly limit: TokenBucket | null
  readonly secrets: readonly { readonly text: string; readonly parsed: ParsedSecret }[]
  /** For each secret's text, the keyed digest of the credentials last verified against it: at most one each. */
  readonly verified: Map<string, Buffer>
}

/**
 * The clients of one configuration. A new configuration is a new object, so everything cached under the former one
 * ends.
 */
export type ClientTable = {
  readonly byName: ReadonlyMap<string, Client>
  /** Those with a webhook. */
  readonly signing: readonly Client[]
  /**
   * Verified in place of a client's missing secrets, for each cost as many as any client has. So every attempt takes
   * the same time, whatever its name.
   */
  readonly decoys: readonly ParsedSecret[]
}

const scopeOf = (branches: ClientConfig['branches']): Scope | null =>
  branches === undefined ? null : branches === 'all' ? 'all' : new Set(branches)

const toClient = (config: ClientConfig, before: Client | undefined): Client => {
  const secrets = config.secrets.flatMap((text) => {
    const parsed = parseSecret(text)
    return parsed === null ? [] : [{ text, parsed }]
  })
  const perSecond = config.rate_limit?.per_second
  const kept = before?.limit?.perSecond === perSecond ? before?.limit : undefined
  return {
    username: config.username,
    scope: scopeOf(config.branches),
    publish: new Set(config.publish),
    webhook: config.webhook === undefined ? null : { ...config.webhook, header: config.webhook.header.toLowerCase() },
    limit: perSecond === undefined ? null : (kept ?? tokenBucket(perSecond)),
    secrets,
    verified: new Map([...(before?.verified ?? [])].filter(([text]) => secrets.some((secret) => secret.text === text))),
  }
}

type Price = Pick<ParsedSecret, 'n' | 'r' | 'p'>

const USUAL_PRICE: Price = { n: 32_768, r: 8, p: 1 }

export const isSamePrice = (a: Price, b: Price): boolean => a.n === b.n && a.r === b.r && a.p === b.p

const decoysOf = (clients: readonly Client[]): readonly ParsedSecret[] => {
  const prices: Price[] = []
  for (const { secrets } of clients)
    for (const { parsed } of secrets) {
      const ofClient = secrets.filter((secret) => isSamePrice(secret.parsed, parsed)).length
      while (prices.filter((price) => isSamePrice(price, parsed)).length < ofClient) prices.push(parsed)
    }
  return (prices.length === 0 ? [USUAL_PRICE] : prices).map(({ n, r, p }) => ({
    ...{ n, r, p },
    salt: randomBytes(16),
    hash: randomBytes(32),
  }))
}

/** The table of the current configuration. Verified credentials and spent rates survive a reload. */
export const clientTables = (live: LiveConfig): (() => ClientTable) => {
  let seen: Config | undefined
  let table: ClientTable | undefined
  return () => {
    const config = live.current()
    if (table !== undefined && config === seen) return table
    const clients = config.clients.map((client) => toClient(client, table?.byName.get(client.username)))
    seen = config
    table = {
      byName: new Map(clients.map((client) => [client.username, client])),
      signing: clients.filter(({ webhook }) => webhook !== null),
      decoys: decoysOf(clients),
    }
    return table
  }
}
