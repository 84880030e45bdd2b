import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PullgateError } from '../../src/errors.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { batch, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

const deadlineMs = 300
const ids = Array.from({ length: 200 }, (_, i) => sid(`s${i}`))

let server: PrivateRedis
let store: OpenedStore
let warnings: string[]

beforeEach(async () => {
  warnings = []
  server = await privateRedis('--appendonly', 'yes', '--appendfsync', 'always')
  store = await openStore(targetOf(server.port), { deadlineMs, warn: (detail) => warnings.push(detail) })
  await store.admin.activate(null, 1)
  await store.writer.apply(batch({ records: new Map(ids.map((id) => [id, Buffer.from(`of ${id}`)])) }))
})
afterEach(async () => {
  server?.resume()
  await store?.connection.close()
  await server?.close()
})

type Told = { readonly ms: number; readonly code: unknown; readonly own: boolean }

/** Asks for one student and tells how long that took, how it failed, and whether the answer was that student's. */
const ask = async (id: (typeof ids)[number]): Promise<Told> => {
  const start = performance.now()
  try {
    const { record } = await store.reader.student(0, id)
    return { ms: performance.now() - start, code: null, own: Buffer.from(record ?? []).toString() === `of ${id}` }
  } catch (error) {
    expect(error).toBeInstanceOf(PullgateError)
    return { ms: performance.now() - start, code: (error as PullgateError).code, own: false }
  }
}

const answers = async () => (await ask(ids[0]!)).own

describe('a Redis that is gone', () => {
  it('fails calls at once, and is used again within a second of its return', async () => {
    await server.kill()
    await until('the loss to be noticed', async () => (await ask(ids[0]!)).code === 'store_unavailable')
    for (const { ms, code } of await Promise.all(ids.map(ask))) {
      expect(code).toBe('store_unavailable')
      expect(ms).toBeLessThan(100)
    }
    await server.start()
    const start = performance.now()
    await until('Redis to be used again', answers)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('is used again even where the client has given up', async () => {
    await store.connection.run(async (client) => client.disconnect())
    await until('Redis to be used again', answers)
  })

  it('that was never there does not keep a store from being made', async () => {
    await server.kill()
    const opening = openStore(targetOf(server.port), { deadlineMs })
    await server.start()
    const late = await opening
    expect(await late.admin.activeGeneration()).toBe(1)
    await late.connection.close()
  })
})

describe('a Redis that hangs', () => {
  it('is noticed within the deadline, then fails calls at once, and is used again when it goes on', async () => {
    server.pause()
    for (const { ms, code } of await Promise.all(ids.map(ask))) {
      expect(code).toBe('store_unavailable')
      expect(ms).toBeLessThan(deadlineMs + 200)
    }
    const end = performance.now() + 3000
    while (performance.now() < end) {
      const { ms, code } = await ask(ids[1]!)
      expect(code).toBe('store_unavailable')
      expect(ms).toBeLessThan(100)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    server.resume()
    const start = performance.now()
    await until('Redis to be used again', answers)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('never gives one caller the answer of another, however often it stops and goes on', async () => {
    let asking = true
    const told: Told[] = []
    const callers = Array.from({ length: 20 }, async (_, caller) => {
      for (let i = caller; asking; i++) {
        told.push(await ask(ids[i % ids.length]!))
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })
    for (const pauseMs of [50, 250, 290, 310, 350, 600, 900]) {
      server.pause()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      server.resume()
      await until('Redis to be used again', answers)
    }
    asking = false
    await Promise.all(callers)
    const answered = told.filter(({ code }) => code === null)
    expect(answered.length).toBeGreaterThan(100)
    expect(told.length).toBeGreaterThan(answered.length)
    expect(answered.filter(({ own }) => !own)).toEqual([])
  })

  it('may execute a write that was given up; the next one is then told so', async () => {
    server.pause()
    const write = batch({ expected: 1, checkpoint: { next: 2, metadata: '' } })
    await expect(store.writer.apply(write)).rejects.toMatchObject({ code: 'store_unavailable' })
    server.resume()
    await until('Redis to be used again', answers)
    const executed = (await store.writer.checkpoint(1, 0))?.next === 2
    expect(await store.writer.apply(write)).toEqual(executed ? { kind: 'ahead', at: 2 } : { kind: 'applied' })
  })

  it('does not come back with a lease that was given up', async () => {
    await store.writer.lease(1, 0, { next: 1, provenAtMs: 1 }, 1)
    const proof = { next: 1, provenAtMs: await store.writer.clockMs(1, 0) }
    server.pause()
    await expect(store.writer.lease(1, 0, proof, 500)).rejects.toMatchObject({ code: 'store_unavailable' })
    await new Promise((resolve) => setTimeout(resolve, 500))
    server.resume()
    await until('Redis to be used again', answers)
    expect((await store.reader.student(0, ids[0]!)).lease).toBeNull()
  })
})

describe('whatever breaks', () => {
  it('no error holds what was written or asked', async () => {
    const secret = 'Anushka-SECRET'
    const holding = batch({
      checkpoint: { next: 2, metadata: secret },
      records: new Map([[sid(secret), Buffer.from(secret)]]),
    })
    const failures: unknown[] = []
    const provoke = async (expected = 1) => {
      for (const call of [
        () => store.writer.apply({ ...holding, expected }),
        () => store.reader.student(0, sid(secret)),
      ])
        await call().catch((error: unknown) => failures.push(error))
    }
    server.pause()
    await provoke()
    server.resume()
    await server.kill()
    await provoke()
    await server.start()
    await until('Redis to be used again', answers)
    await store.connection.run((client) => client.config('SET', 'maxmemory', '1'))
    await provoke((await store.writer.checkpoint(1, 0))?.next)
    expect(failures.length).toBeGreaterThanOrEqual(5)
    expect(inspect([failures, warnings], { depth: 10, showHidden: true })).not.toContain(secret)
  })
})
