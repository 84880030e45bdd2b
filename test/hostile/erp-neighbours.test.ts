import { afterEach, beforeEach, expect, test } from 'vitest'
import { erpConfig, testClient } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { active } from '../support/fake-erp-students.ts'

let erp: FakeErp
let client: ReturnType<typeof testClient>
const behaviours = new Map<string, Behaviour>()
beforeEach(async () => {
  behaviours.clear()
  const students = new Map(
    Array.from({ length: 100 }, (_, n) => [`S-${n}`, [active({ identifier: `S-${n}` })]] as const),
  )
  erp = await fakeErp({ students, behaviours })
})
afterEach(async () => {
  await client.close()
  await erp.close()
})

const ask = (username: string, identifier: string) => client.fetch({ identifier }, username, performance.now() + 3_000)
const good = async (times: number) => {
  for (let n = 0; n < times; n++) expect(await ask('school', `S-${n}`)).toMatchObject({ kind: 'answer', status: 200 })
}

test.each([400, 404, 405, 410, 418, 451])('%i is no answer, but opens no breaker', async (code) => {
  client = testClient(erpConfig(erp.url, { breaker: { volume: 5 } }))
  await erp.behave({ kind: 'status', code })
  for (let n = 0; n < 40; n++)
    expect(await ask('jodo', `S-${n}`)).toMatchObject({ kind: 'unavailable', cause: 'status' })
  expect([client.breakerState(), erp.calls()]).toEqual(['closed', 40])
})

test.each([401, 403, 408, 429, 500])('%i opens it', async (code) => {
  client = testClient(erpConfig(erp.url, { breaker: { volume: 5 } }))
  await erp.behave({ kind: 'status', code })
  for (let n = 0; n < 5; n++) await ask('jodo', `S-${n}`)
  expect(client.breakerState()).toBe('open')
})

test.each<[string, Behaviour]>([
  ['answers with 500', { kind: 'status', code: 500 }],
  ['answers with a web page', { kind: 'garbage' }],
  ['breaks off', { kind: 'truncated' }],
])('lookups on which the ERP %s cost their client the ERP, and nobody else', async (_, behaviour) => {
  client = testClient(erpConfig(erp.url, { breaker: { volume: 20, reset_ms: 50 } }))
  for (let n = 0; n < 40; n++) behaviours.set(`bad-${n}`, behaviour)
  const attack = (async () => {
    for (let n = 0; n < 200; n++) await ask('stranger', `bad-${n % 40}`)
  })()
  await good(60)
  await attack
  await good(30)
})

test('lookups on which the ERP hangs leave places for other clients', async () => {
  client = testClient(erpConfig(erp.url, { max_concurrent: 4, timeout_ms: 300, breaker: { volume: 10_000 } }))
  for (let n = 0; n < 100; n++) behaviours.set(`bad-${n}`, { kind: 'hang' })
  await good(1)
  const attack = Array.from({ length: 100 }, (_, n) => ask('stranger', `bad-${n}`))
  await good(3)
  await Promise.all(attack)
})
