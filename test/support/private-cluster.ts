import { Redis } from 'ioredis'
import { type PrivateRedis, privateRedis } from './private-redis.ts'
import { until } from './until.ts'

export type PrivateCluster = { readonly nodes: readonly PrivateRedis[]; readonly close: () => Promise<void> }

const slots = 16_384

const nodeSettings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']

/** Three masters that share the slots, without replicas. */
export const privateCluster = async (): Promise<PrivateCluster> => {
  const nodes = await Promise.all([0, 1, 2].map(() => privateRedis(...nodeSettings)))
  const clients = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }))
  for (const [i, client] of clients.entries()) {
    const from = Math.ceil((slots * i) / clients.length)
    const to = Math.ceil((slots * (i + 1)) / clients.length) - 1
    await client.call('cluster', 'addslotsrange', String(from), String(to))
    await client.call('cluster', 'set-config-epoch', String(i + 1))
  }
  for (const { port } of nodes.slice(1)) await clients[0]!.call('cluster', 'meet', '127.0.0.1', String(port))
  await until('the cluster to know all its slots', async () => {
    const infos = await Promise.all(clients.map((client) => client.cluster('INFO')))
    return infos.every((info) => info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3'))
  })
  for (const client of clients) client.disconnect()
  return {
    nodes,
    close: async () => {
      for (const node of nodes) await node.close()
    },
  }
}
