import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { memoryStore } from '../../src/memory/store.ts'
import { type RedisConnection, redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import { type Embedded, openEmbedded } from '../../src/sqlite/embedded.ts'
import { nothingUnsaved } from '../../src/sqlite/store/unsaved.ts'
import { type EmbeddedFile, embeddedFile, emptyStore } from '../support/embedded-file.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { everythingSeen, storeCommand } from './store-commands.ts'

const partitionCount = 2
const numRuns = Number(process.env['PULLGATE_STORE_RUNS'] ?? 150)
let server: PrivateRedis
let connection: RedisConnection
let file: EmbeddedFile
let embedded: Embedded
const unsaved = nothingUnsaved()

beforeAll(async () => {
  server = await privateRedis()
  const target = { kind: 'single', host: '127.0.0.1', port: server.port } as const
  connection = redisConnection(target, { deadlineMs: 5000 })
  await connection.whenReady(5000)
  file = await embeddedFile()
  embedded = openEmbedded(file.path, partitionCount, { unsaved })
})
afterAll(async () => {
  await connection?.close()
  await server?.close()
  await embedded?.close()
  await file?.close()
})

const behavesAsInMemory = (store: ProjectionStore, wipe: () => Promise<unknown>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.array(storeCommand, { maxLength: 40 }), async (commands) => {
      await wipe()
      const memory = memoryStore(partitionCount)
      for (const each of [store, memory]) await each.admin.activate(null, 1)
      for (const { name, run } of commands) expect([name, await run(store)]).toEqual([name, await run(memory)])
      expect(await everythingSeen(store)).toEqual(await everythingSeen(memory))
    }),
    { numRuns },
  )

it('memory and Redis cannot be told apart by any list of commands', async () => {
  await behavesAsInMemory(redisStore(connection, partitionCount), () => connection.run((client) => client.flushall()))
}, 60_000)

it('memory and a SQLite file cannot be told apart by any list of commands', async () => {
  await behavesAsInMemory(embedded.store, async () => {
    emptyStore(file)
    unsaved.leases.clear()
    unsaved.ledgers.clear()
  })
}, 60_000)
