import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redisConnection } from '../../src/redis/connection.ts'
import { redisProblems } from '../../src/redis/problems.ts'
import { type PrivateCluster, privateCluster } from '../support/private-cluster.ts'
import { type OpenedStore, openStore } from '../support/redis-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

const deadlineMs = 300
const partitions = [0, 1, 2, 3]

let cluster: PrivateCluster
let store: OpenedStore

beforeEach(async () => {
  cluster = await privateCluster()
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
  store = await openStore({ kind: 'cluster', nodes }, { deadlineMs })
  await store.admin.activate(null, 1)
  for (const partition of partitions)
    await store.writer.apply(batch({ partition, records: records({ a: `of ${partition}` }) }))
})
afterEach(async () => {
  for (const node of cluster?.nodes ?? []) node.resume()
  await store?.connection.close()
  await cluster?.close()
})

const ask = async (partition: number): Promise<string> => {
  const { record } = await store.reader.student(partition, sid('a'))
  return Buffer.from(record ?? []).toString()
}

describe('a Redis Cluster', () => {
  it('of which one node hangs fails in time, and answers again when it goes on', async () => {
    for (const node of cluster.nodes) {
      node.pause()
      const start = performance.now()
      const told = await Promise.allSettled(partitions.map(ask))
      expect(performance.now() - start).toBeLessThan(deadlineMs + 250)
      expect(told.some(({ status }) => status === 'rejected')).toBe(true)
      node.resume()
      await until('all partitions to answer again', async () => {
        const answers = await Promise.allSettled(partitions.map(ask))
        return answers.every(({ status }, partition) => status === 'fulfilled' && partition >= 0)
      })
      expect(await Promise.all(partitions.map(ask))).toEqual(partitions.map((partition) => `of ${partition}`))
    }
  })

  it('whose slot moves to another node is followed', async () => {
    const [first] = store.connection.masters()
    const ports = cluster.nodes.map(({ port }) => port)
    const slot = Number(await first!.cluster('KEYSLOT', '{1}'))
    const byPort = new Map(store.connection.masters().map((node) => [node.options.port, node]))
    const nodes = ports.map((port) => byPort.get(port)!)
    const ids = await Promise.all(nodes.map((node) => node.call('cluster', 'myid') as Promise<string>))
    const counts = await Promise.all(nodes.map((node) => node.call('cluster', 'countkeysinslot', slot)))
    const from = counts.findIndex((count) => Number(count) > 0)
    const to = (from + 1) % 3
    await nodes[to]!.call('cluster', 'setslot', slot, 'importing', ids[from]!)
    await nodes[from]!.call('cluster', 'setslot', slot, 'migrating', ids[to]!)
    const keys = (await nodes[from]!.call('cluster', 'getkeysinslot', slot, 100)) as string[]
    await nodes[from]!.call('migrate', ['127.0.0.1', String(ports[to]), '', '0', '5000', 'KEYS', ...keys])
    for (const node of [to, from]) await nodes[node]!.call('cluster', 'setslot', slot, 'node', ids[to]!)
    expect(await ask(1)).toBe('of 1')
    const write = batch({
      partition: 1,
      expected: 1,
      checkpoint: { next: 2, metadata: '' },
      records: records({ a: 'moved' }),
    })
    expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
    expect(await ask(1)).toBe('moved')
  })

  it('that is not reached yet is away, not unfit', async () => {
    const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
    const connection = redisConnection({ kind: 'cluster', nodes }, { deadlineMs })
    await expect(redisProblems(connection)).rejects.toMatchObject({ code: 'store_unavailable' })
    await connection.whenReady(10_000)
    expect(await redisProblems(connection)).toEqual([])
    await connection.close()
  })

  it('is a problem for whoever takes it for a single Redis', async () => {
    const alone = await openStore({ kind: 'single', host: '127.0.0.1', port: cluster.nodes[0]!.port }, { deadlineMs })
    expect(await alone.admin.problems()).toEqual([expect.stringContaining('cluster')])
    await alone.connection.close()
    expect(await store.admin.problems()).toEqual([])
  })
})
