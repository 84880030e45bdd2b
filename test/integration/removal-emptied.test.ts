import { expect, it } from 'vitest'
import { redisAdmin } from '../../src/redis/admin.ts'
import { type RunScript, scriptRunner } from '../../src/redis/script.ts'
import { privateRedis } from '../support/private-redis.ts'
import { openStore, targetOf } from '../support/redis-store.ts'
import { batch, sid } from '../support/store-fixtures.ts'

const IDS = Array.from({ length: 5000 }, (_, index) => sid(`S-${index}`))
const RECORDS = new Map(IDS.map((id) => [id, Buffer.from(`of ${id}`)]))

it('a removal leaves alone what an emptied store has begun anew under the same number', async () => {
  const redis = await privateRedis()
  const store = await openStore(targetOf(redis.port), { deadlineMs: 5000 })
  try {
    const { admin, writer } = store
    const begin = async (from: null, generation: number): Promise<void> => {
      await writer.apply(batch({ generation, records: RECORDS }))
      await admin.activate(from, generation)
    }
    await begin(null, 1)
    await admin.activate(1, 2)
    let emptied = false
    await admin.removeGeneration(1, async () => {
      if (emptied) return
      emptied = true
      await store.connection.run((client) => client.flushall())
      await begin(null, 1)
    })
    expect(emptied).toBe(true)
    const kept = await writer.load(1, 0, IDS)
    expect(kept.filter((record) => record === null)).toEqual([])
  } finally {
    await store.connection.close()
    await redis.close()
  }
}, 60_000)

it('an activation in the midst of a removal is refused, and the active generation loses nothing', async () => {
  const redis = await privateRedis()
  const store = await openStore(targetOf(redis.port), { deadlineMs: 5000 })
  try {
    const { admin, writer, connection } = store
    for (const generation of [1, 2]) await writer.apply(batch({ generation, records: RECORDS }))
    await admin.activate(null, 1)
    await admin.activate(1, 2)
    const answers: boolean[] = []
    const run = scriptRunner()
    // A rollback to what is being removed, after the removal has looked at the pointer and before it has fenced anything.
    const between: RunScript = async (client, name, keys, args) => {
      if (name === 'retire' && answers.length === 0) answers.push(await admin.activate(2, 1))
      return run(client, name, keys, args)
    }
    expect(await redisAdmin(connection, between, 4).removeGeneration(1)).toBe(true)
    expect(answers).toEqual([false])
    expect(await admin.activeGeneration()).toBe(2)
    expect(await admin.activate(2, 1)).toBe(false)
    expect((await writer.load(2, 0, IDS)).includes(null)).toBe(false)
  } finally {
    await store.connection.close()
    await redis.close()
  }
}, 60_000)

it('a number that a builder brings from before the store was emptied is not given out again', async () => {
  const redis = await privateRedis()
  const store = await openStore(targetOf(redis.port), { deadlineMs: 5000 })
  try {
    const { admin } = store
    await admin.activate(null, await admin.newGeneration())
    const building = await admin.beginBuild()
    await store.connection.run((client) => client.flushall())
    const active = await admin.newGeneration()
    await admin.activate(null, active)
    expect(await admin.activate(active, building)).toBe(true)
    expect(await admin.beginBuild()).toBeGreaterThan(building)
  } finally {
    await store.connection.close()
    await redis.close()
  }
}, 60_000)
