import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryStore } from '../../src/store/memory/store.ts'
import { type RedisConnection, redisConnection } from '../../src/store/redis/connection.ts'
import { redisStore } from '../../src/store/redis/store.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { everythingSeen, storeCommand } from './store-commands.ts'

const partitionCount = 2
let server: PrivateRedis
let connection: RedisConnection

beforeAll(async () => {
  server = await privateRedis()
  const target = { kind: 'single', host: '127.0.0.1', port: server.port } as const
  connection = redisConnection(target, { deadlineMs: 5000 })
  await connection.whenReady(5000)
})
afterAll(async () => {
  await connection?.close()
  await server?.close()
})

it('memory and Redis cannot be told apart by any list of commands', async () => {
  const redis = redisStore(connection, partitionCount)
  await fc.assert(
    fc.asyncProperty(fc.array(storeCommand, { maxLength: 40 }), async (commands) => {
      await connection.run((client) => client.flushall())
      const memory = memoryStore(partitionCount)
      for (const store of [redis, memory]) await store.admin.activate(null, 1)
      for (const { name, run } of commands) expect([name, await run(redis)]).toEqual([name, await run(memory)])
      expect(await everythingSeen(redis)).toEqual(await everythingSeen(memory))
    }),
    { numRuns: Number(process.env['PULLGATE_STORE_RUNS'] ?? 150) },
  )
}, 60_000)
