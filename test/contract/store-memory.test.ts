import { memoryStore } from '../../src/memory/store.ts'
import { partitionCount } from './store-harness.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('in memory', async () => {
  const store = memoryStore(partitionCount)
  return { store, wipe: async () => store.wipe(), close: () => store.admin.close() }
})
