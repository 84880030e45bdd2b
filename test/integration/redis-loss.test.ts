import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

let server: PrivateRedis
let store: OpenedStore

beforeEach(async () => {
  server = await privateRedis()
  store = await openStore(targetOf(server.port), { deadlineMs: 1000 })
  await store.admin.activate(null, 1)
  await store.writer.apply(batch({ checkpoint: { next: 10, metadata: '' }, records: records({ a: 'old' }) }))
})
afterEach(async () => {
  await store?.connection.close()
  await server?.close()
})

const nextWrite = batch({ expected: 20, checkpoint: { next: 30, metadata: '' }, records: records({ a: 'newest' }) })

describe('a Redis that lost', () => {
  it('everything says absent', async () => {
    await store.connection.run((client) => client.flushall())
    const write = batch({ expected: 10, checkpoint: { next: 20, metadata: '' }, records: records({ a: 'new' }) })
    expect(await store.writer.apply(write)).toEqual({ kind: 'absent' })
    const proof = { next: 10, provenAtMs: Date.now() }
    expect(await store.writer.lease(1, 0, proof, 1000)).toEqual({ kind: 'absent' })
    expect(await store.reader.student(0, sid('a'))).toMatchObject({ generation: null, checkpoint: null, record: null })
  })

  it('acknowledged writes to an old snapshot says behind, and where', async () => {
    await store.connection.run((client) => client.save())
    await copyFile(join(server.dir, 'dump.rdb'), join(server.dir, 'old.rdb'))
    const write = batch({ expected: 10, checkpoint: { next: 20, metadata: '' }, records: records({ a: 'new' }) })
    await store.writer.apply(write)
    await store.writer.lease(1, 0, { next: 20, provenAtMs: await store.writer.clockMs(1, 0) }, 60_000)
    await server.kill()
    await copyFile(join(server.dir, 'old.rdb'), join(server.dir, 'dump.rdb'))
    await server.start()
    await until('Redis to be used again', () => store.admin.activeGeneration().then(Boolean, () => false))
    expect(await store.writer.apply(nextWrite)).toEqual({ kind: 'behind', at: 10 })
    const proof = { next: 20, provenAtMs: Date.now() }
    expect(await store.writer.lease(1, 0, proof, 1000)).toEqual({ kind: 'behind', at: 10 })
    expect(await store.reader.student(0, sid('a'))).toMatchObject({ checkpoint: { next: 10 }, lease: null })
  })

  it('writes under a lease does not answer as proven', async () => {
    await store.writer.lease(1, 0, { next: 10, provenAtMs: await store.writer.clockMs(1, 0) }, 60_000)
    await store.connection.run((client) => client.set('pg:1:{0}:cp', '9 '))
    expect((await store.reader.student(0, sid('a'))).lease).toBeNull()
    expect((await store.reader.byCustom('c')).partitions[0]?.lease).toBeNull()
  })

  it('its scripts gets them again', async () => {
    for (let next = 11; next < 14; next++) {
      await store.connection.run((client) => client.script('FLUSH'))
      const write = batch({ expected: next - 1, checkpoint: { next, metadata: '' } })
      expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
    }
  })
})
