import { expect, test } from 'vitest'
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

test('Redis tells its clock, which is this machine’s', async () => {
  const server = await privateRedis()
  const { connection, admin } = await openStore(targetOf(server.port), { deadlineMs: 5000 })
  const before = Date.now()
  const told = await admin.clock!()
  const after = Date.now()
  await connection.close()
  await server.close()
  expect(told).toBeGreaterThanOrEqual(before - 1)
  expect(told).toBeLessThanOrEqual(after + 1)
})
