import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort, type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type OpenedStore, openStore } from '../support/redis-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

let master: PrivateRedis
let replica: PrivateRedis
let replication: TcpProxy
let store: OpenedStore
let stopSentinel: () => Promise<void>

const startSentinel = async (port: number): Promise<() => Promise<void>> => {
  const dir = await mkdtemp(join(tmpdir(), 'pullgate-sentinel-'))
  const settings = [
    `port ${port}`,
    `sentinel monitor school 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds school 500',
    'sentinel failover-timeout school 60000',
  ]
  const file = join(dir, 'sentinel.conf')
  await writeFile(file, settings.join('\n'))
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore', cwd: dir })
  return async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await rm(dir, { recursive: true, force: true })
  }
}

beforeAll(async () => {
  master = await privateRedis()
  replication = await tcpProxy(master.port)
  replica = await privateRedis('--replicaof', `127.0.0.1 ${replication.port}`, '--repl-diskless-sync-delay', '0')
  const port = await freePort()
  stopSentinel = await startSentinel(port)
  const asking = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null })
  asking.on('error', () => {})
  await until('the sentinel to know the replica', async () => {
    const known = (await asking.call('sentinel', 'replicas', 'school').catch(() => [])) as unknown[]
    return JSON.stringify(known).includes(String(replica.port)) && JSON.stringify(known).includes('"ok"')
  })
  asking.disconnect()
  const sentinels = [{ host: '127.0.0.1', port }]
  store = await openStore({ kind: 'sentinel', sentinels, name: 'school' }, { deadlineMs: 300 })
})
afterAll(async () => {
  await store?.connection.close()
  await stopSentinel?.()
  await replication?.cut()
  await replica?.close()
  await master?.close()
})

it('a promoted replica that lacks acknowledged writes is found through the sentinels, and says behind', async () => {
  await store.admin.activate(null, 1)
  await store.writer.apply(batch({ checkpoint: { next: 10, metadata: '' }, records: records({ a: 'old' }) }))
  await store.connection.run((client) => client.wait(1, 5000))
  await replication.cut()
  const lost = batch({ expected: 10, checkpoint: { next: 20, metadata: '' }, records: records({ a: 'lost' }) })
  expect(await store.writer.apply(lost)).toEqual({ kind: 'applied' })
  await master.kill()
  const next = batch({ expected: 20, checkpoint: { next: 30, metadata: '' } })
  await until('the promoted replica to be written to', async () => {
    const told = await store.writer.apply(next).catch(() => null)
    return told?.kind === 'behind' && told.at === 10
  })
  const replayed = { ...lost, checkpoint: { next: 30, metadata: '' } }
  expect(await store.writer.apply(replayed)).toEqual({ kind: 'applied' })
  expect(Buffer.from((await store.reader.student(0, sid('a'))).record!).toString()).toBe('lost')
}, 40_000)
