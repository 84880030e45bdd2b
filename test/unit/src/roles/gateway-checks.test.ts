import { expect, test } from 'vitest'
import { gatewayChecks } from '../../../../src/roles/gateway-checks.ts'

const ERP = { url: 'http://erp.example' }

const gatewayWith = (config: object) => {
  const state = { nowMs: 0, isUp: true }
  const answer = async <T>(value: T): Promise<T> => {
    if (!state.isUp) throw new Error('away')
    return value
  }
  const checks = gatewayChecks(
    {
      log: { endOffsets: () => answer(new Map([[0, 1]])) },
      store: { admin: { activeGeneration: () => answer(1) } },
    },
    { current: () => ({ topic: { name: 't' }, branches: [], ...config }) as never, replace: () => ({ ignored: [] }) },
    () => state.nowMs,
  )
  const ready = async () => (await Promise.all(checks.map(({ check }) => check()))).map(({ ok }) => ok)
  return { state, ready }
}

test.each([[{ erp: ERP }], [{ branches: [{ collector_code: 'BLR-01', erp: ERP }] }]])(
  'a gateway that can ask an ERP stays ready without store and log: %j',
  async (config) => {
    const { state, ready } = gatewayWith(config)
    expect(await ready()).toEqual([true, true])
    state.isUp = false
    expect(await ready()).toEqual([true, true])
  },
)

test('a gateway that has just started waits for store and log, but not for ever', async () => {
  const { state, ready } = gatewayWith({ erp: ERP })
  state.isUp = false
  expect(await ready()).toEqual([false, false])
  state.nowMs = 10_001
  expect(await ready()).toEqual([true, true])
})

test('a gateway that has nobody else to ask needs store and log', async () => {
  const { state, ready } = gatewayWith({ branches: [{ collector_code: 'BLR-01' }] })
  expect(await ready()).toEqual([true, true])
  state.isUp = false
  state.nowMs = 10_001
  expect(await ready()).toEqual([false, false])
})
