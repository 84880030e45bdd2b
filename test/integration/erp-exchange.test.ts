import { buildConnector } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/erp/clock.ts'
import { type ErpConnections, erpConnections } from '../../src/erp/connections.ts'
import { exchange } from '../../src/erp/exchange.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'

const connectMs = 200
let erp: FakeErp
let connections: ErpConnections
beforeEach(async () => {
  erp = await fakeErp()
  const connect = buildConnector({})
  const late: typeof connect = (options, callback) => void setTimeout(() => connect(options, callback), connectMs)
  connections = erpConnections(new URL(erp.url).origin, { connect: late }, 1)
})
afterEach(async () => {
  await connections.close()
  await erp.close()
})

test('a call that timed out while its connection was opening has ended only then, and is never made', async () => {
  const startedMs = performance.now()
  const settled = Promise.withResolvers<boolean>()
  const result = await exchange(
    connections.take(false),
    { path: '/x', headers: [] },
    () => startedMs + 50,
    systemClock,
    settled.resolve,
  )
  expect(result).toEqual({ kind: 'timeout' })
  expect(performance.now() - startedMs).toBeLessThan(connectMs)
  expect(await settled.promise).toBe(true)
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(connectMs - 1)
  expect(erp.calls()).toBe(0)
})
