import { openEmbedded } from '../../src/sqlite/embedded.ts'
import type { Leases } from '../../src/sqlite/store/sqlite-store.ts'
import { embeddedFile, emptyStore } from '../support/embedded-file.ts'
import { partitionCount } from './store-harness.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('on a SQLite file', async () => {
  const file = await embeddedFile()
  const leases: Leases = new Map()
  const { store, close } = openEmbedded(file.path, partitionCount, { leases })
  return {
    store,
    wipe: async () => {
      emptyStore(file)
      leases.clear()
    },
    close: async () => {
      await close()
      await file.close()
    },
  }
})
