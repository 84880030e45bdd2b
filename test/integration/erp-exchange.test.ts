import { buildConnector, Pool } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/erp/clock.ts'
import { exchange } from '../../src/erp/exchange.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'

const connectMs = 200
let erp: FakeErp
let pool: Pool
beforeEach(async () => {
  erp = await fakeErp()
  const connect = buildConnector({})
  pool = new Pool(new URL(erp.url).origin, {
    connect: (options, callback) => void setTimeout(() => connect(options, callback), connectMs),
  })
})
afterEach(async () => {
  await pool.destroy()
  await erp.close()
})

test('a call that timed out while its connection was opening has ended only then, and is never made', async () => {
  const startedMs = performance.now()
  const settled = Promise.withResolvers<boolean>()
  const result = await exchange(pool, { path: '/x', headers: [] }, () => startedMs + 50, systemClock, settled.resolve)
  expect(result).toEqual({ kind: 'timeout' })
  expect(performance.now() - startedMs).toBeLessThan(connectMs)
  expect(await settled.promise).toBe(true)
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(connectMs - 1)
  expect(erp.calls()).toBe(0)
})
