import type { Credential } from '../credential.ts'

/** The parsed REDIS_URL. It holds secrets: never print one. */
export type RedisServers =
  | ({ readonly kind: 'single'; readonly host: string; readonly port: number; readonly db?: number } & RedisAccess)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] } & RedisAccess)
  | ({
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisNode[]
      /** The name under which the sentinels know the master. */
      readonly name: string
      readonly db?: number
      readonly sentinelUsername?: string
      readonly sentinelPassword?: string
    } & RedisAccess)

export type RedisNode = { readonly host: string; readonly port: number }

type RedisAccess = {
  readonly username?: Credential
  readonly password?: Credential
  /** For `rediss://`: verified with the system's authorities, or with `ca` (PEM). */
  readonly tls?: { readonly ca?: string }
}
