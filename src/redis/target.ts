import type { Credential } from '../credential.ts'

/** Which Redis: what REDIS_URL says, once parsed. Secrets are in it: never print one. */
export type RedisServers =
  | ({ readonly kind: 'single'; readonly host: string; readonly port: number; readonly db?: number } & RedisAccess)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] } & RedisAccess)
  | ({
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisNode[]
      /** The master's name that the sentinels know it by. */
      readonly name: string
      readonly db?: number
      readonly sentinelUsername?: string
      readonly sentinelPassword?: string
    } & RedisAccess)

export type RedisNode = { readonly host: string; readonly port: number }

type RedisAccess = {
  readonly username?: Credential
  readonly password?: Credential
  /** `rediss://`: verified against the system's authorities, or against `ca` (PEM). */
  readonly tls?: { readonly ca?: string }
}
