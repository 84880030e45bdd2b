import { Cluster, Redis } from 'ioredis'

/** A store seen from outside: one Redis, or the nodes of a cluster. */
export type RedisNodes = {
  readonly client: Redis | Cluster
  readonly pids: readonly number[]
  /** Of each process. */
  readonly keys: () => Promise<readonly number[]>
  readonly emptied: () => Promise<unknown>
  readonly close: () => void
}

export const redisNodes = async (...ports: number[]): Promise<RedisNodes> => {
  const nodes = ports.map((port) => new Redis({ port, host: '127.0.0.1' }))
  const client = nodes.length === 1 ? nodes[0]! : new Cluster(ports.map((port) => ({ port, host: '127.0.0.1' })))
  return {
    client,
    pids: await Promise.all(nodes.map(async (node) => Number(/process_id:(\d+)/.exec(await node.info('server'))![1]))),
    keys: () => Promise.all(nodes.map((node) => node.dbsize())),
    emptied: () => Promise.all(nodes.map((node) => node.flushall())),
    close: () => {
      client.disconnect()
      for (const node of nodes) node.disconnect()
    },
  }
}
