import { Redis } from 'ioredis'
import { type PrivateCluster, privateCluster } from '../../support/private-cluster.ts'
import type { PrivateRedis } from '../../support/private-redis.ts'
import { until } from '../../support/until.ts'
import { nothing, type RealFault, sleep } from './faults.ts'
import type { LabRedis } from './servers.ts'
import { PARTITIONS } from './settings.ts'

/** A Redis Cluster of three shards without replicas. */
export const openLabShards = async (): Promise<LabRedis> => {
  const cluster = await privateCluster()

  const shardKilled: RealFault = {
    name: 'Redis shard killed (SIGKILL), started empty',
    wound: async ({ random }) => {
      const victim = random.pick(cluster.nodes)
      await victim.kill()
      await sleep(500 + random.below(4000))
      await victim.start()
      await allSlots(cluster)
      return nothing
    },
  }

  const shardPaused: RealFault = {
    name: 'Redis shard paused (SIGSTOP, SIGCONT)',
    wound: async ({ random }) => {
      const victim = random.pick(cluster.nodes)
      victim.pause()
      await sleep(500 + random.below(1000))
      return async () => victim.resume()
    },
  }

  const slotMoved: RealFault = {
    name: 'Redis slot of a partition moved to another shard',
    wound: async ({ random }) => {
      await moveSlot(cluster, random.below(PARTITIONS), 1 + random.below(2))
      return nothing
    },
  }

  return {
    url: cluster.nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(','),
    servers: { kind: 'cluster', nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
    faults: [
      [12, shardKilled],
      [12, shardPaused],
      [12, slotMoved],
    ],
    close: cluster.close,
  }
}

const SETTLED_MS = 30_000

const allSlots = (cluster: PrivateCluster): Promise<void> =>
  until(
    'the cluster to have all its slots',
    async () => (await Promise.all(cluster.nodes.map((node) => tell(node, 'CLUSTER', 'INFO')))).every(isWhole),
    SETTLED_MS,
  )

const isWhole = (info: unknown): boolean => String(info).includes('cluster_state:ok')

/** As an operator reshards: keys first, then the slot; clients are sent on meanwhile. */
const moveSlot = async ({ nodes }: PrivateCluster, partition: number, by: number): Promise<void> => {
  const slot = String(await tell(nodes[0]!, 'CLUSTER', 'KEYSLOT', `{${partition}}`))
  const ids = await Promise.all(nodes.map(async (node) => String(await tell(node, 'CLUSTER', 'MYID'))))
  const ranges = (await tell(nodes[0]!, 'CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][]
  const owner = ranges.find(([first, last]) => Number(slot) >= first && Number(slot) <= last)![2][2]
  const from = ids.indexOf(owner)
  const to = (from + by) % nodes.length
  await tell(nodes[to]!, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[from]!)
  await tell(nodes[from]!, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[to]!)
  for (;;) {
    const keys = (await tell(nodes[from]!, 'CLUSTER', 'GETKEYSINSLOT', slot, '100')) as string[]
    if (keys.length === 0) break
    await tell(nodes[from]!, 'MIGRATE', '127.0.0.1', String(nodes[to]!.port), '', '0', '5000', 'KEYS', ...keys)
  }
  for (const at of [to, from, ...nodes.keys()]) await tell(nodes[at]!, 'CLUSTER', 'SETSLOT', slot, 'NODE', ids[to]!)
}

const tell = async (server: PrivateRedis, command: string, ...args: string[]): Promise<unknown> => {
  const client = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: 5 })
  client.on('error', () => {})
  try {
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}
