import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { type ConnectionOptions, type RedisConnection, redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import type { RedisServers } from '../../src/redis/target.ts'

export type OpenedStore = ProjectionStore & { readonly connection: RedisConnection }

export const targetOf = (port: number): RedisServers & { readonly kind: 'single' } => ({
  kind: 'single',
  host: '127.0.0.1',
  port,
})

/** A store that is connected; its caller closes `connection`. */
export const openStore = async (target: RedisServers, options: ConnectionOptions): Promise<OpenedStore> => {
  const connection = redisConnection(target, options)
  await connection.whenReady(10_000)
  return { connection, ...redisStore(connection, 4) }
}
