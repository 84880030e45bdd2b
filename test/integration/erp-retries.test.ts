import { afterEach, beforeEach, expect, test } from 'vitest'
import { erpConfig, testClient, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

const REFUSED = {
  kind: 'unavailable',
  cause: 'status',
  detail: 'status 503',
  mend: 'look at its log: it answers with an error status',
}

const ids = Array.from({ length: 200 }, (_, n) => `S-${n}`)
let erp: FakeErp
const clients: ReturnType<typeof testClient>[] = []
const open = (
  config: Parameters<typeof erpConfig>[1] = {},
  options?: Parameters<typeof testClient>[1],
  url = erp.url,
) => {
  const client = testClient(erpConfig(url, config), options)
  clients.push(client)
  return client
}
beforeEach(async () => {
  erp = await fakeErp({ students: new Map(ids.map((identifier) => [identifier, [active({ identifier })]])) })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await erp.close()
})

test.each([429, 502, 503, 504])('%d is asked again and the answer counts', async (code) => {
  const client = open()
  erp.next({ kind: 'status', code }, { kind: 'reset' }, { kind: 'truncated' })
  expect(await client.ask('S-1')).toMatchObject({ kind: 'answer' })
  expect(erp.calls()).toBe(4)
})

test('an ERP that restarts is found again', async () => {
  const client = open({}, { random: () => 1 })
  await client.ask('S-1')
  await erp.behave({ kind: 'refuse' })
  const asked = client.ask('S-2')
  await until(() => client.inFlight() === 0, 'the first attempt has failed')
  await erp.behave({ kind: 'ok' })
  expect(await asked).toMatchObject({ kind: 'answer' })
})

test('Retry-After in seconds is waited for', async () => {
  const client = open()
  erp.next({ kind: 'status', code: 503, retryAfter: '1' })
  expect(await client.ask('S-1')).toMatchObject({ kind: 'answer' })
  const [first, second] = erp.requests()
  expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(995)
})

test('Retry-After as a date is waited for', async () => {
  const client = open()
  erp.next({ kind: 'status', code: 429, retryAfter: new Date(Date.now() + 2_000).toUTCString() })
  expect(await client.ask('S-1', 4_000)).toMatchObject({ kind: 'answer' })
  const [first, second] = erp.requests()
  expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(900)
})

test('Retry-After past the deadline ends it at once and is told', async () => {
  const client = open()
  await erp.behave({ kind: 'status', code: 503, retryAfter: '30' })
  const startedMs = performance.now()
  expect(await client.ask('S-1')).toEqual({ ...REFUSED, retryAfterSeconds: 30 })
  expect(performance.now() - startedMs).toBeLessThan(300)
  expect(erp.calls()).toBe(1)
})

test('what the ERP said stands where a retry found no place', async () => {
  const client = open({ max_concurrent: 1, timeout_ms: 400 }, { random: () => 0.5 })
  erp.next({ kind: 'status', code: 503 }, { kind: 'hang' })
  const asked = client.ask('S-1')
  await until(() => erp.calls() === 1 && client.inFlight() === 0, 'the first attempt has ended')
  const hanging = client.ask('S-2')
  expect(await asked).toEqual(REFUSED)
  expect(await hanging).toEqual({ kind: 'unavailable', cause: 'timeout' })
  expect(erp.calls()).toBe(2)
})

test('a retry waits without holding a place', async () => {
  const client = open({ max_concurrent: 1 })
  erp.next({ kind: 'status', code: 503, retryAfter: '1' })
  const waiting = client.ask('S-1')
  await until(() => erp.calls() === 1 && client.inFlight() === 0, 'the first attempt has ended')
  expect(await client.ask('S-2', 500)).toMatchObject({ kind: 'answer' })
  expect(await waiting).toMatchObject({ kind: 'answer' })
})
