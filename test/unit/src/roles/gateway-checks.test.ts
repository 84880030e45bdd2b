import { expect, test } from 'vitest'
import { gatewayChecks } from '../../../../src/roles/gateway-checks.ts'

const END = { next: 1, identity: 't.0', partitions: 2 }
const ERP = { url: 'http://erp.example' }

const gatewayWith = (config: object) => {
  const state = { nowMs: 0, isUp: true, answering: [0, 1] }
  const answer = async <T>(value: T): Promise<T> => {
    if (!state.isUp) throw new Error('away')
    return value
  }
  const checks = gatewayChecks(
    {
      log: {
        ends: () => answer(new Map(state.answering.map((partition) => [partition, END]))),
      },
      store: { admin: { activeGeneration: () => answer(1) } },
    },
    {
      current: () => ({ topic: { name: 't', partitions: 2 }, branches: [], ...config }) as never,
      replace: () => ({ ignored: [] }),
    },
    () => state.nowMs,
  )
  const ready = async () =>
    (await Promise.all(checks.map(({ check }) => check()))).map(({ ok, blocks }) => ok || blocks === false)
  const details = async () => (await Promise.all(checks.map(({ check }) => check()))).map(({ detail }) => detail)
  return { state, ready, details }
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

test('a gateway with nobody else to ask stays ready while one partition can be asked, and names the others', async () => {
  const { state, ready, details } = gatewayWith({ branches: [] })
  state.answering = [1]
  expect(await ready()).toEqual([true, true])
  expect((await details())[1]).toBe('partition 0 of the log does not answer')
  state.answering = []
  state.nowMs = 10_001
  expect(await ready()).toEqual([true, false])
})
