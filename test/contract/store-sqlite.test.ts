import { openEmbedded } from '../../src/sqlite/embedded.ts'
import { nothingUnsaved } from '../../src/sqlite/store/unsaved.ts'
import { embeddedFile, emptyStore } from '../support/embedded-file.ts'
import { partitionCount } from './store-harness.ts'
import { storeSuite } from './store-suite.ts'

storeSuite('on a SQLite file', async () => {
  const file = await embeddedFile()
  const unsaved = nothingUnsaved()
  const { store, close } = openEmbedded(file.path, partitionCount, { unsaved })
  return {
    store,
    wipe: async () => {
      emptyStore(file)
      unsaved.leases.clear()
      unsaved.ledgers.clear()
    },
    close: async () => {
      await close()
      await file.close()
    },
  }
})
