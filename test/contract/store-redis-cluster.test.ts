import { privateCluster } from '../support/private-cluster.ts'
import { openStore } from '../support/redis-store.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('on a Redis Cluster', async () => {
  const cluster = await privateCluster()
  const nodes = cluster.nodes.slice(0, 1).map(({ port }) => ({ host: '127.0.0.1', port }))
  const store = await openStore({ kind: 'cluster', nodes }, { deadlineMs: 5000 })
  return {
    store,
    wipe: async () => {
      await Promise.all(store.connection.masters().map((node) => node.flushall()))
    },
    close: async () => {
      await store.connection.close()
      await cluster.close()
    },
  }
})
