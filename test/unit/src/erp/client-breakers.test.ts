import { afterEach, expect, test } from 'vitest'
import type { Attempt } from '../../../../src/erp/attempt.ts'
import { type ClientBreakers, clientBreakers } from '../../../../src/erp/client-breakers.ts'

const sound: Attempt = { outcome: { kind: 'unavailable', cause: 'status' }, sound: true, retryable: false }
const failed: Attempt = { outcome: { kind: 'unavailable', cause: 'status' }, sound: false, retryable: false }

let nowMs = 0
let breakers: ClientBreakers
afterEach(() => breakers.close())

const open = (volume = 20) => {
  nowMs = 0
  breakers = clientBreakers({
    config: { timeout_ms: 1_000, breaker: { error_percent: 50, volume, reset_ms: 60_000 } },
    clock: { nowMs: () => nowMs, unixMs: () => 0 },
    random: () => 0,
    onChange: () => {},
  })
}
const ask = async (client: string, attempt: Attempt, times = 1) => {
  for (let n = 0; n < times; n++) await breakers.of(client).run(async () => attempt)
}
const states = (...clients: readonly string[]) => clients.map((client) => breakers.of(client).state())

test('a client that asks alone is left without the ERP as soon as its own calls have failed', async () => {
  open()
  await ask('jodo', failed, 19)
  expect(breakers.state()).toBe('closed')
  await ask('jodo', failed)
  expect([breakers.state(), ...states('jodo')]).toEqual(['open', 'open'])
})

test('one client’s failures open the breaker of nobody else, whatever share of the calls they are', async () => {
  open()
  await ask('school', sound, 10)
  await ask('stranger', failed, 100)
  await ask('school', sound, 5)
  expect(states('stranger', 'school', 'newcomer')).toEqual(['open', 'closed', 'closed'])
  expect(breakers.state()).toBe('closed')
})

test('a stray failure of another client does not make one client’s failures everybody’s', async () => {
  open()
  await ask('school', sound, 16)
  await ask('school', failed, 2)
  await ask('stranger', failed, 100)
  expect(states('stranger', 'school')).toEqual(['open', 'closed'])
})

test('failures of several clients open it for all, each at most half of the volume; newcomers too', async () => {
  open()
  await ask('idle', sound)
  await ask('a', failed, 10)
  await ask('b', failed, 8)
  expect(states('a', 'b', 'idle')).toEqual(['closed', 'closed', 'closed'])
  await ask('b', failed, 2)
  expect(states('a', 'b', 'idle', 'newcomer')).toEqual(['open', 'open', 'open', 'open'])
  expect(breakers.state()).toBe('open')
  nowMs += 60_001
  expect(states('late')).toEqual(['closed'])
})
