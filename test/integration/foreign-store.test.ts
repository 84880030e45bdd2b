import { expect, test } from 'vitest'
import { privateRedis } from '../support/private-redis.ts'
import { freePort, openProgram } from '../support/program.ts'
import { openStore, targetOf } from '../support/redis-store.ts'

test('a gateway on the Redis of another topic ends with 1 and says whose it is', async () => {
  const redis = await privateRedis()
  const store = await openStore(targetOf(redis.port), { deadlineMs: 2000 })
  const program = await openProgram({
    brokers: `127.0.0.1:${await freePort()}`,
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: 'test.mine', partitions: 4 },
      policy: { balance_basis: 'payable', paid_instalments: 'omit' },
    }),
  })
  try {
    await store.admin.claim('test.other')
    await store.admin.activate(null, 1)
    const { code, stderr } = await program.run(['gateway'])
    expect(stderr).toContain('Redis belongs to the topic test.other, not to test.mine')
    expect(code).toBe(1)
  } finally {
    await program.close()
    await store.connection.close()
    await redis.close()
  }
}, 60_000)
