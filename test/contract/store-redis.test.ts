import { privateRedis } from '../support/private-redis.ts'
import { openStore, targetOf } from '../support/redis-store.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('on one Redis', async () => {
  const server = await privateRedis()
  const store = await openStore(targetOf(server.port), { deadlineMs: 5000 })
  return {
    store,
    wipe: async () => {
      await store.connection.run((client) => client.flushall())
    },
    close: async () => {
      await store.connection.close()
      await server.close()
    },
  }
})
