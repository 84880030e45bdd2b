import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ErpRequestOutcome } from '../../src/erp/port.ts'
import { erpConfig, testClient, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

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

describe('the request', () => {
  test('it bears the parameters in order, encoded, behind the query that the URL has already', async () => {
    const client = open({}, {}, `${erp.url}?key=a%20b`)
    const lookup = {
      academic_year_end: '2027',
      academic_year_start: '2026',
      collector_code: 'BLR/01',
      custom_identifier: 'ä&=+ ?#%',
      grade: '5 A',
      identifier: '__proto__',
    }
    await client.fetch(lookup, 'jodo', performance.now() + 1_000)
    const [request] = erp.requests()
    expect(request!.url).toBe(
      '/fetch-student?key=a%20b&identifier=__proto__&grade=5%20A&custom_identifier=%C3%A4%26%3D%2B%20%3F%23%25' +
        '&collector_code=BLR%2F01&academic_year_start=2026&academic_year_end=2027',
    )
    expect(request!.query.get('custom_identifier')).toBe('ä&=+ ?#%')
    expect(request!.method).toBe('GET')
    expect(request!.accept).toBe('application/json')
    expect(request!.authorization).toBe(`Basic ${Buffer.from('pullgate:pässword:1').toString('base64')}`)
  })

  test('connections are kept and never more than the cap', async () => {
    const client = open({ max_concurrent: 3 })
    for (let round = 0; round < 5; round++) await Promise.all(ids.slice(0, 10).map((id) => client.ask(id)))
    expect(erp.calls()).toBe(50)
    expect(erp.sockets()).toBeLessThanOrEqual(3)
  })
})

describe('the bulkhead', () => {
  test('an ERP that hangs never sees more calls than its cap, however many ask', async () => {
    const client = open({ max_concurrent: 5, timeout_ms: 150 })
    await erp.behave({ kind: 'hang' })
    const outcomes = await Promise.all(
      ids.map(async (id, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 5))
        return client.ask(id, 600)
      }),
    )
    expect(outcomes.every((outcome) => outcome.kind === 'unavailable')).toBe(true)
    expect(erp.maxOpen()).toBe(5)
    expect(erp.calls()).toBeGreaterThan(10)
    await until(() => client.inFlight() === 0, 'every place is free')
  })

  test('a place stays taken until the call that timed out has really ended', async () => {
    const client = open({ max_concurrent: 1, timeout_ms: 60 })
    await erp.behave({ kind: 'hang' })
    await client.ask('S-1')
    expect(client.inFlight()).toBe(1)
    await until(() => client.inFlight() === 0, 'the place is free')
    expect(erp.open()).toBe(0)
  })

  test('who finds a full queue is refused at once', async () => {
    const client = open({ max_concurrent: 1, timeout_ms: 1_000 })
    await erp.behave({ kind: 'slow', ms: 50 })
    const startedMs = performance.now()
    const refused: number[] = []
    await Promise.all(
      ids.slice(0, 20).map(async (id) => {
        const outcome = await client.ask(id)
        if (outcome.kind === 'unavailable') refused.push(performance.now() - startedMs)
      }),
    )
    expect(refused.length).toBe(15)
    expect(Math.max(...refused)).toBeLessThan(400)
  })
})

describe('single flight', () => {
  test('concurrent asks for the same lookup share one call, others do not', async () => {
    const client = open({ max_concurrent: 10 })
    await erp.behave({ kind: 'slow', ms: 50 })
    const deadline = performance.now() + 1_000
    const lookups = [
      { identifier: 'S-1' },
      { custom_identifier: 'S-1' },
      { identifier: 'S-1', grade: '5' },
      { identifier: 'S-1","5' },
    ]
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) => client.fetch(lookups[n % 4]!, 'jodo', deadline)),
    )
    expect(erp.calls()).toBe(4)
    expect(new Set(outcomes).size).toBe(4)
    await client.ask('S-1')
    expect(erp.calls()).toBe(5)
  })

  test('who joins late has its own deadline, and the first does not wait past its own', async () => {
    const client = open({ timeout_ms: 1_000 })
    await erp.behave({ kind: 'slow', ms: 250 })
    const startedMs = performance.now()
    const first = client.ask('S-1', 100).then((outcome) => ({ outcome, ms: performance.now() - startedMs }))
    await until(() => erp.open() === 1, 'the first call is under way')
    const late = client.ask('S-1', 800)
    expect((await first).outcome).toEqual({ kind: 'unavailable', cause: 'timeout' })
    expect((await first).ms).toBeLessThan(200)
    expect(await late).toMatchObject({ kind: 'answer' })
    expect(erp.calls()).toBe(1)
  })

  test('a short deadline that joins does not cut the first', async () => {
    const client = open({ timeout_ms: 1_000 })
    await erp.behave({ kind: 'slow', ms: 150 })
    const first = client.ask('S-1', 900)
    expect(await client.ask('S-1', 50)).toEqual({ kind: 'unavailable', cause: 'timeout' })
    expect(await first).toMatchObject({ kind: 'answer' })
  })
})

describe('in the end', () => {
  test('a caller hears before its deadline, not at it', async () => {
    const client = open({ timeout_ms: 5_000 })
    await erp.behave({ kind: 'hang' })
    const leftMs: number[] = []
    for (let n = 0; n < 10; n++) {
      const deadline = performance.now() + 40
      await client.fetch({ identifier: `S-${n}` }, 'jodo', deadline)
      leftMs.push(deadline - performance.now())
    }
    expect(Math.max(...leftMs)).toBeGreaterThan(0)
  })

  test.each([
    { kind: 'hang' },
    { kind: 'drip', everyMs: 5 },
    { kind: 'status', code: 503 },
    { kind: 'reset' },
    { kind: 'status', code: 503, retryAfter: '0' },
  ] as const)('every deadline is kept: %o', async (behaviour) => {
    const client = open({ timeout_ms: 5_000, max_concurrent: 2 }, { random: Math.random })
    await erp.behave(behaviour)
    for (const withinMs of [-5, 0, 5, 50, 150, 300]) {
      await Promise.all(
        ids.slice(0, 10).map(async (id) => {
          const startedMs = performance.now()
          expect(await client.ask(id, withinMs)).toMatchObject({ kind: 'unavailable' })
          expect(performance.now() - startedMs).toBeLessThan(Math.max(withinMs, 0) + 1_500)
        }),
      )
    }
  })

  test('every request is measured once, by how it ended', async () => {
    const seen: ErpRequestOutcome[] = []
    const client = open({ timeout_ms: 50 }, { onRequest: (outcome, seconds) => seconds > 0 && seen.push(outcome) })
    const reset = { kind: 'reset' } as const
    // The first reset is of a used connection: the call is made again on a fresh one and counts as that.
    erp.next({ kind: 'status', code: 503 }, reset, reset, { kind: 'ok' }, { kind: 'garbage' }, { kind: 'hang' })
    for (const id of ['S-1', 'S-2', 'S-3']) await client.ask(id)
    expect(seen).toEqual(['status', 'connection', 'answer', 'bad_response', 'timeout'])
  })

  test('close lets the calls end that are under way, refuses new ones and leaves no connection', async () => {
    const client = open()
    await erp.behave({ kind: 'slow', ms: 100 })
    const asked = client.ask('S-1')
    await until(() => erp.open() === 1, 'the call is under way')
    const closed = client.close()
    expect(await client.ask('S-2')).toEqual({ kind: 'unavailable', cause: 'connection' })
    expect(await asked).toMatchObject({ kind: 'answer' })
    expect(erp.calls()).toBe(1)
    await closed
    await until(() => erp.sockets() === 0, 'the connections are closed')
  })

  test('hundreds of calls of every kind leave no timer and no socket behind', async () => {
    const kinds = ['Timeout', 'TCPSocketWrap']
    const alive = () => process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length
    const before = alive()
    const client = open({ timeout_ms: 400, max_concurrent: 20 })
    for (const kind of ['ok', 'reset', 'hang', 'truncated', 'garbage', 'gzip', 'wrong-student'] as const) {
      await erp.behave({ kind })
      await Promise.all(ids.map((id) => client.ask(id, 2_000)))
    }
    expect(erp.calls()).toBeGreaterThan(100)
    await client.close()
    await until(() => erp.sockets() === 0 && client.inFlight() === 0, 'all is closed')
    await until(() => alive() <= before, 'no handle is left')
  })
})
