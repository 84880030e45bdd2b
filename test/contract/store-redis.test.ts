import { redisConnection } from '../../src/store/redis/connection.ts'
import { redisStore } from '../../src/store/redis/store.ts'
import { privateRedis } from '../support/private-redis.ts'
import { partitionCount, storeSuite } from './store-suite.ts'

storeSuite('on one Redis', async () => {
  const server = await privateRedis()
  const target = { kind: 'single', host: '127.0.0.1', port: server.port } as const
  const connection = redisConnection(target, { deadlineMs: 5000 })
  await connection.whenReady(5000)
  const store = redisStore(connection, partitionCount)
  return {
    store,
    wipe: async () => {
      await connection.run((client) => client.flushall())
    },
    close: async () => {
      await store.admin.close()
      await server.close()
    },
  }
})
