import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

let server: PrivateRedis
let store: OpenedStore

beforeEach(async () => {
  server = await privateRedis()
  store = await openStore(targetOf(server.port), { deadlineMs: 2000 })
  await store.admin.activate(null, 1)
  await store.writer.apply(
    batch({
      records: records({ a: 'old' }),
      suspectAdded: [sid('a')],
      customAdded: [{ custom: 'c', identifier: sid('a') }],
    }),
  )
})
afterEach(async () => {
  await store?.connection.close()
  await server?.close()
})

const config = (name: string, value: string) => store.connection.run((client) => client.config('SET', name, value))

const state = async () => ({
  checkpoint: await store.writer.checkpoint(1, 0),
  record: (await store.writer.load(1, 0, [sid('a'), sid('b')])).map((bytes) => bytes && Buffer.from(bytes).toString()),
  suspects: await store.reader.suspects(0),
  custom: (await store.reader.byCustom('c')).ids,
  heartbeats: await store.reader.heartbeats(),
})

const next = { expected: 1, checkpoint: { next: 2, metadata: '' } }

describe('a Redis that is out of memory', () => {
  const writes = {
    'of records': batch({ ...next, records: records({ a: 'new', b: 'new' }) }),
    'that begins with a removal': batch({ ...next, suspectRemoved: [sid('a')], heartbeats: new Map([['s', 1]]) }),
    'that moves the checkpoint alone': batch(next),
    'that removes a custom identifier': batch({ ...next, customRemoved: [{ custom: 'c', identifier: sid('a') }] }),
  }
  it.each(Object.entries(writes))('refuses a write %s whole or takes it whole', async (_, write) => {
    const before = await state()
    await config('maxmemory', '1')
    const result = await store.writer.apply(write).catch((error: unknown) => error)
    await config('maxmemory', '0')
    if (result instanceof Error) {
      expect(result).toMatchObject({ code: 'store_unavailable', message: expect.stringContaining('OOM') })
      expect(await state()).toEqual(before)
    } else expect((await state()).checkpoint?.next).toBe(2)
    const again = await store.writer.apply(write)
    expect(again).toEqual(result instanceof Error ? { kind: 'applied' } : { kind: 'ahead', at: 2 })
  })

  it('still answers pulls', async () => {
    await config('maxmemory', '1')
    expect((await store.reader.student(0, sid('a'))).checkpoint?.next).toBe(1)
    expect((await store.reader.byCustom('c')).ids).toEqual(['a'])
    await config('maxmemory', '0')
  })
})

describe('a script', () => {
  it('cannot be killed once it has written', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => sid(`s${i}`))
    const write = batch({ ...next, records: new Map(many.map((id) => [id, Buffer.alloc(200)])), suspectAdded: many })
    const other = await openStore(targetOf(server.port), { deadlineMs: 2000 })
    let running = true
    const kills = (async () => {
      while (running) await other.connection.run((client) => client.script('KILL')).catch(() => {})
    })()
    const result = await store.writer.apply(write).catch((error: unknown) => error)
    running = false
    await kills
    await other.connection.close()
    const loaded = (await store.writer.load(1, 0, many)).filter((record) => record !== null).length
    expect([loaded, (await store.writer.checkpoint(1, 0))?.next]).toEqual(
      result instanceof Error ? [0, 1] : [20_000, 2],
    )
  })

  it('that an ACL breaks off in the middle leaves the checkpoint where it was, so that the batch is replayed', async () => {
    await store.connection.run((client) => client.acl('SETUSER', 'default', '-zadd'))
    const write = batch({
      ...next,
      records: records({ b: 'new' }),
      customAdded: [{ custom: 'd', identifier: sid('b') }],
    })
    await expect(store.writer.apply(write)).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await store.writer.checkpoint(1, 0)).toEqual({ next: 1, metadata: '' })
    await store.connection.run((client) => client.acl('SETUSER', 'default', '+zadd'))
    expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
  })
})

describe('a user of Redis that lacks a right', () => {
  const limited = async (...rights: readonly string[]) => {
    await store.connection.run((client) => client.acl('SETUSER', 'limited', 'reset', 'on', 'nopass', ...rights))
    const access = { username: { value: 'limited' }, password: { value: 'any' } }
    return openStore({ ...targetOf(server.port), ...access }, { deadlineMs: 2000 })
  }
  const load = (opened: OpenedStore): Promise<unknown> => opened.writer.load(1, 0, [sid('a')])
  const apply = (opened: OpenedStore): Promise<unknown> => opened.writer.apply(batch(next))

  it.each([
    ['to a command', ['~pg:*', '+@all', '-mget'], load, /NOPERM: .* may not run mget \(ACL: \+mget\)/],
    ['to the keys', ['~other:*', '+@all'], load, /NOPERM: .* may not use the keys of mget \(ACL: ~pg:\*\)/],
    ['to scripts', ['~pg:*', '+@all', '-evalsha', '-eval'], apply, /NOPERM: .* may not run eval(sha)? \(ACL: \+eval/],
    [
      'to a command of a script',
      ['~pg:*', '+@all', '-set'],
      apply,
      /NOPERM: .*(may not run set|a command of a script)/,
    ],
  ] as const)('%s is told which, without any identifier', async (_, rights, call, words) => {
    const opened = await limited(...rights)
    const error = await call(opened).catch((thrown: unknown) => thrown)
    await opened.connection.close()
    expect(error).toMatchObject({ code: 'store_unavailable', message: expect.stringMatching(words) })
    expect(String(error)).not.toContain(':s:a')
  })
})

describe('a master that was demoted', () => {
  it('refuses writes, is asked anew, and is written to again after its promotion', async () => {
    await store.connection.run((client) => client.replicaof('127.0.0.1', 1))
    await expect(store.writer.apply(batch(next))).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('READONLY'),
    })
    await until('the new connection', () =>
      store.admin.problems().then(
        (found) => found.length > 0,
        () => false,
      ),
    )
    expect(await store.admin.problems()).toEqual([expect.stringContaining('replica')])
    await store.connection.run((client) => client.replicaof('NO', 'ONE'))
    await until('the write to be applied', async () => {
      const result = await store.writer.apply(batch(next)).catch(() => null)
      return result?.kind === 'applied'
    })
  })
})

describe('a Redis that is set up wrongly', () => {
  it('is a problem when it evicts', async () => {
    await config('maxmemory-policy', 'allkeys-lru')
    expect(await store.admin.problems()).toEqual([expect.stringContaining('allkeys-lru')])
  })

  it('is no problem where CONFIG is forbidden', async () => {
    await store.connection.run((client) => client.acl('SETUSER', 'default', '-config'))
    expect(await store.admin.problems()).toEqual([])
  })
})
