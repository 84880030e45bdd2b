import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayExpire } from '../../src/redis/keys.ts'
import { scriptText } from '../../src/redis/script.ts'
import type { RedisServers } from '../../src/redis/target.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

let server: PrivateRedis
let operator: Redis
let store: OpenedStore

beforeEach(async () => {
  server = await privateRedis()
  operator = new Redis(server.port)
  store = await openStore(targetOf(server.port), { deadlineMs: 2000 })
})
afterEach(async () => {
  operator?.disconnect()
  await store?.connection.close()
  await server?.close()
})

/** Everything that roles write: a batch, a lease, a scout's report with its proof, the right to build, the pointers. */
const writeEverything = async ({ admin, writer }: OpenedStore): Promise<void> => {
  expect(await admin.claim('erp.student-events')).toBe('erp.student-events')
  await admin.activate(null, 1)
  const applied = await writer.apply(
    batch({
      records: records({ a: 'A', b: 'B' }),
      customAdded: [{ custom: 'c', identifier: sid('a') }],
      suspectAdded: [sid('a')],
      heartbeats: new Map([['/erp/a', 1]]),
      misrouting: ['/erp/a'],
    }),
  )
  expect(applied).toEqual({ kind: 'applied' })
  const provenAtMs = await writer.clockMs(1, 0)
  expect(await writer.lease(1, 0, { next: 1, provenAtMs }, 60_000)).toEqual({ kind: 'applied' })
  const outcome = await writer.scout({
    generation: 1,
    partition: 0,
    identity: 'log',
    from: 1,
    upTo: 3,
    everybody: -1,
    misrouted: -1,
    begins: true,
    marks: new Map([[sid('a'), 2]]),
    marksAtMost: 10,
    proof: { end: 3, provenAtMs, boundMs: 60_000 },
  })
  expect(outcome.kind).toBe('added')
  await admin.beginBuild()
  expect(await admin.holdBuild('me', 60_000)).toBe(true)
}

describe('a Redis that evicts what expires', () => {
  beforeEach(() => operator.config('SET', 'maxmemory-policy', 'volatile-lru'))

  it('is taken, and doctor says what may be evicted', async () => {
    await writeEverything(store)
    expect(await store.admin.problems()).toEqual([])
    expect(await store.admin.hints?.()).toContainEqual(expect.stringContaining('maxmemory-policy volatile-lru'))
  })

  it('finds nothing of ours to evict but leases, proofs and the right to build', async () => {
    await writeEverything(store)
    const keys = await operator.keys('pg:*')
    const ends = await Promise.all(keys.map((key) => operator.pttl(key)))
    const expiring = keys.filter((_, index) => ends[index]! >= 0).sort()
    expect(expiring).toEqual(['pg:1:{0}:lease', 'pg:{0}:proof', 'pg:{store}:builder'])
    expect(keys.filter(mayExpire).sort()).toEqual(expiring)
  })

  it.each([
    ['pg:1:{0}:cp', 'pg:1:{0}:cp'],
    ['pg:{store}:active', 'pg:{store}:active'],
    ['pg:1:{0}:s:a', 'pg:1:{*}:s:*'],
  ])('is refused where somebody lets %s expire, and the key is named', async (key, named) => {
    await writeEverything(store)
    await operator.expire(key, 1000)
    expect(await store.admin.problems()).toEqual([expect.stringContaining(`The key ${named} expires`)])
  })
})

describe('a user of Redis', () => {
  const user = (...rules: string[]) => operator.call('ACL', 'SETUSER', 'pullgate', 'reset', 'on', '>pw', ...rules)
  const asUser = (): RedisServers => ({
    ...targetOf(server.port),
    username: { value: 'pullgate' },
    password: { value: 'pw' },
  })
  const opened: OpenedStore[] = []
  const openAsUser = async (warn: (detail: string) => void = () => {}): Promise<OpenedStore> => {
    const own = await openStore(asUser(), { deadlineMs: 2000, warn })
    opened.push(own)
    return own
  }
  afterEach(() => Promise.all(opened.splice(0).map(({ connection }) => connection.close())))

  it('needs no HELLO, CLIENT and CONFIG, and no keys but its own', async () => {
    await user('~pg:*', '+@all', '-hello', '-client', '-config')
    const own = await openAsUser()
    await writeEverything(own)
    expect(await own.admin.problems()).toEqual([])
    expect((await own.reader.student(0, sid('a'))).checkpoint?.next).toBe(1)
    expect((await own.admin.students(1, null)).students).toHaveLength(2)
  })

  it('with the least rights of the docs can do everything', async () => {
    const page = readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8')
    const rules = /^user pullgate on >PASSWORD (.+)$/m.exec(page)![1]!.split(' ')
    await user(...rules)
    const own = await openAsUser()
    await writeEverything(own)
    expect(await own.admin.problems()).toEqual([])
    expect((await own.admin.students(1, null)).students).toHaveLength(2)
    expect(await own.admin.removeGeneration(2)).toBe(true)
  })

  it('that may not run INFO is taken where it may run CONFIG GET', async () => {
    await user('~pg:*', '+@all', '-info')
    expect(await (await openAsUser()).admin.problems()).toEqual([])
  })

  it('that may run neither is told which command to allow', async () => {
    await user('~pg:*', '+@all', '-info', '-config')
    expect(await (await openAsUser()).admin.problems()).toEqual([expect.stringContaining('+info')])
  })

  it.each([
    ['the command', ['~pg:*', '+@all', '-evalsha'], 'may not run evalsha (ACL: +evalsha)'],
    ['a command of a script', ['~pg:*', '+@all', '-mset'], 'may not run '],
    ['the keys', ['~other:*', '+@all'], '(ACL: ~pg:*)'],
  ])('that lacks %s is told so, without a key', async (_what, rules, words) => {
    await user(...rules)
    const own = await openAsUser()
    const written = own.writer.apply(batch({ records: records({ 'an-identifier': 'A' }) }))
    await expect(written).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(words) })
    await expect(written).rejects.not.toMatchObject({ message: expect.stringContaining('an-identifier') })
  })

  it('whose right to a command goes while it is used, is told in the log', async () => {
    await user('~pg:*', '+@all')
    const own = await openAsUser()
    await user('~pg:*', '+@all', '-evalsha')
    await until('the refusal', () =>
      own.writer.apply(batch()).then(
        () => false,
        (error: Error) => error.message.includes('evalsha'),
      ),
    )
  })
})

/** Lua 5.2 and later: `unpack` is in the table library, and no global of that name is there. */
const LATER_LUA = `local unpack_of_5_1 = unpack
local unpack = nil
local table = { unpack = unpack_of_5_1, concat = table.concat }
`

describe('a Lua without the global unpack', () => {
  it('runs the script that applies a batch', async () => {
    const text = LATER_LUA + scriptText('apply')
    const keys = ['pg:1:{0}:cp', 'pg:1:{0}:custom', 'pg:1:{0}:suspects', 'pg:1:{0}:heartbeats', 'pg:1:{0}:misrouting']
    const args = ['', '1', '1 x', '1', '0', '1', '0', '0', '0', 'RECORD', 'c\0a', 'a']
    expect(await operator.call('EVAL', text, 6, ...keys, 'pg:1:{0}:s:a', ...args)).toEqual([0, '1'])
    expect(await operator.get('pg:1:{0}:s:a')).toBe('RECORD')
    expect(await operator.smembers('pg:1:{0}:suspects')).toEqual(['a'])
  })

  it('runs the script that takes the marks of a scout', async () => {
    const text = LATER_LUA + scriptText('scout')
    const keys = ['pg:1:{0}:cp', 'pg:{0}:scouted', 'pg:{0}:marks', 'pg:{0}:proof']
    const args = ['log', '0', '3', '-1', '-1', '1', '10', '', '', '', '2', 'a']
    expect(await operator.call('EVAL', text, 4, ...keys, ...args)).toEqual([0, '', 1])
    expect(await operator.zscore('pg:{0}:marks', 'a')).toBe('2')
  })
})
