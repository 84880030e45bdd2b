import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { erpConfig, testClient, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

const students = () =>
  new Map(Array.from({ length: 300 }, (_, n) => [`S-${n}`, [active({ identifier: `S-${n}` })]] as const))

describe('the breaker of one ERP', () => {
  let erp: FakeErp
  const clients: ReturnType<typeof testClient>[] = []
  const open = (config: Parameters<typeof erpConfig>[1], options?: Parameters<typeof testClient>[1]) => {
    const client = testClient(erpConfig(erp.url, config), options)
    clients.push(client)
    return client
  }
  beforeEach(async () => {
    erp = await fakeErp({ students: students() })
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    await erp.close()
  })
  const failing = async (client: ReturnType<typeof testClient>, times: number) => {
    await erp.behave({ kind: 'status', code: 500 })
    for (let n = 0; n < times; n++) await client.ask(`S-${n}`)
  }

  test('it stays closed below its volume and opens with it', async () => {
    const client = open({ breaker: { volume: 5 } })
    await failing(client, 4)
    expect(client.breakerState()).toBe('closed')
    await client.ask('S-9')
    expect(client.breakerState()).toBe('open')
  })

  test('an open breaker answers at once and calls nobody', async () => {
    const client = open({ breaker: { volume: 5, reset_ms: 60_000 } })
    await failing(client, 5)
    erp.forget()
    const startedMs = performance.now()
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => client.ask(`S-${n}`)))
    expect(performance.now() - startedMs).toBeLessThan(200)
    for (const outcome of outcomes)
      expect(outcome).toEqual({ kind: 'unavailable', cause: 'open', retryAfterSeconds: 60 })
    expect(erp.calls()).toBe(0)
  })

  test('one failure in two opens it at fifty percent, one in three does not', async () => {
    const client = open({ breaker: { volume: 6, error_percent: 50 } })
    const third = open({ breaker: { volume: 6, error_percent: 50 } })
    for (const code of [200, 500, 200, 500, 200, 500]) {
      await erp.behave(code === 200 ? { kind: 'ok' } : { kind: 'status', code })
      await client.ask('S-1')
    }
    for (const code of [200, 200, 500, 200, 200, 500]) {
      await erp.behave(code === 200 ? { kind: 'ok' } : { kind: 'status', code })
      await third.ask('S-1')
    }
    expect([client.breakerState(), third.breakerState()]).toEqual(['open', 'closed'])
  })

  test('422s and broken records of single students never open it', async () => {
    const client = open({ breaker: { volume: 5 } })
    for (let n = 0; n < 20; n++) await client.ask(`nobody-${n}`)
    await erp.behave({ kind: 'wrong-student' })
    for (let n = 0; n < 20; n++) expect(await client.ask(`S-${n}`)).toMatchObject({ kind: 'bad_response' })
    expect(client.breakerState()).toBe('closed')
  })

  test.each([
    ['a maintenance page', { kind: 'garbage' }],
    ['a redirect to a login page', { kind: 'redirect' }],
    ['bytes without end', { kind: 'too-large' }],
    ['an envelope of its own', { kind: 'bytes', body: '{"error":"database is gone"}' }],
    ['wrong credentials', { kind: 'status', code: 401 }],
    ['an overload that has to be waited for', { kind: 'status', code: 503, retryAfter: '3600' }],
    ['silence', { kind: 'hang' }],
  ] as const)('%s opens it', async (_title, behaviour) => {
    const client = open({ timeout_ms: 60, max_concurrent: 5, breaker: { volume: 5 } })
    await erp.behave(behaviour)
    for (let n = 0; n < 5; n++) await client.ask(`S-${n}`)
    expect(client.breakerState()).toBe('open')
  })

  test('a full bulkhead is no failure of the ERP', async () => {
    const client = open({ max_concurrent: 1, timeout_ms: 400, breaker: { volume: 5 } })
    await erp.behave({ kind: 'slow', ms: 300 })
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, n) => client.ask(`S-${n}`)))
    expect(
      outcomes.filter((outcome) => outcome.kind === 'unavailable' && outcome.cause === 'busy').length,
    ).toBeGreaterThan(20)
    expect(client.breakerState()).toBe('closed')
  })

  test('opening sends away what waits for a place, before another call is made', async () => {
    const client = open({ max_concurrent: 2, timeout_ms: 2_000, breaker: { volume: 2, reset_ms: 60_000 } })
    await erp.behave({ kind: 'status', code: 500, afterMs: 100 })
    const outcomes = await Promise.all(Array.from({ length: 6 }, (_, n) => client.ask(`S-${n}`)))
    const causes = outcomes.map((outcome) => outcome.kind === 'unavailable' && outcome.cause)
    expect(causes).toEqual(['status', 'status', 'open', 'open', 'open', 'open'])
    expect(erp.calls()).toBe(2)
  })

  test('who waits hears of the opening at once, not when a place is free', async () => {
    const client = open({ max_concurrent: 1, timeout_ms: 200, breaker: { volume: 1, reset_ms: 60_000 } })
    await erp.behave({ kind: 'hang' })
    const hanging = client.ask('S-1')
    await until(() => erp.open() === 1, 'the call hangs')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await client.ask('S-2')).toMatchObject({ cause: 'open' })
    expect(client.inFlight()).toBe(1)
    expect(await hanging).toMatchObject({ cause: 'timeout' })
  })

  test('half-open lets one call through, and its success closes it', async () => {
    const client = open({ breaker: { volume: 3, reset_ms: 50 } })
    await failing(client, 3)
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'slow', ms: 100 })
    erp.forget()
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => client.ask(`S-${n}`)))
    expect(outcomes.filter((outcome) => outcome.kind === 'answer').length).toBe(1)
    expect(erp.calls()).toBe(1)
    expect(client.breakerState()).toBe('closed')
  })

  test('a stray failure after recovery does not open it again', async () => {
    const client = open({ breaker: { volume: 3, reset_ms: 50 } })
    await failing(client, 3)
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'ok' })
    await client.ask('S-1')
    await failing(client, 1)
    expect(client.breakerState()).toBe('closed')
  })

  test('an ERP that answers the probe and falls silent again is left alone after three calls, and for longer', async () => {
    const client = open({ max_concurrent: 8, timeout_ms: 150, breaker: { volume: 20, reset_ms: 40 } })
    await failing(client, 20)
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'ok' })
    await client.ask('S-1')
    await erp.behave({ kind: 'hang' })
    for (const id of ['S-1', 'S-2', 'S-3']) {
      expect(client.breakerState()).toBe('closed')
      await client.ask(id)
    }
    expect(client.breakerState()).toBe('open')
    const openedMs = performance.now()
    await until(() => client.breakerState() === 'half-open', 'half-open')
    expect(performance.now() - openedMs).toBeGreaterThan(60)
  })

  test('an ERP that has proven itself is judged afresh', async () => {
    const opened: number[] = []
    const warn = (fields: object) => void ('openMs' in fields && opened.push(Number(fields.openMs)))
    const client = open({ breaker: { volume: 4, reset_ms: 30 } }, { log: { info: () => {}, warn, error: () => {} } })
    await failing(client, 4)
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'ok' })
    for (let n = 0; n < 4; n++) await client.ask(`S-${n}`)
    await failing(client, 2)
    expect(client.breakerState()).toBe('closed')
    await failing(client, 1)
    expect(opened).toEqual([30, 30])
  })

  test('a probe that hangs ends by itself and the next one may go', async () => {
    const client = open({ timeout_ms: 80, breaker: { volume: 3, reset_ms: 50 } })
    await failing(client, 3)
    for (let round = 0; round < 2; round++) {
      await until(() => client.breakerState() === 'half-open', 'half-open')
      await erp.behave({ kind: 'hang' })
      expect(await client.ask('S-1')).toEqual({ kind: 'unavailable', cause: 'timeout' })
      expect(client.breakerState()).toBe('open')
    }
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'ok' })
    expect(await client.ask('S-1')).toMatchObject({ kind: 'answer' })
  })

  test('every failed probe keeps it open longer', async () => {
    const opened: number[] = []
    const log = {
      info: () => undefined,
      warn: (fields: object) => void ('openMs' in fields && opened.push(Number(fields.openMs))),
      error: () => undefined,
    }
    const client = open({ breaker: { volume: 3, reset_ms: 20 } }, { log })
    await failing(client, 3)
    for (let round = 0; round < 4; round++) {
      await until(() => client.breakerState() === 'half-open', 'half-open')
      await client.ask('S-1')
    }
    expect(opened).toEqual([20, 40, 80, 160, 160])
  })

  test('after a recovery the calls at once grow from one to the cap', async () => {
    const client = open({ max_concurrent: 8, timeout_ms: 2_000, breaker: { volume: 3, reset_ms: 50 } })
    await failing(client, 3)
    await until(() => client.breakerState() === 'half-open', 'half-open')
    await erp.behave({ kind: 'slow', ms: 20 })
    await client.ask('S-299')
    erp.forget()
    const first = Array.from({ length: 3 }, (_, n) => client.ask(`S-${n}`))
    await until(() => erp.open() > 0, 'the first call')
    expect(erp.maxOpen()).toBe(1)
    await Promise.all(first)
    expect(erp.maxOpen()).toBeLessThan(3)
    for (let round = 0; round < 2; round++)
      await Promise.all(Array.from({ length: 30 }, (_, n) => client.ask(`S-${round * 30 + n}`)))
    expect(erp.maxOpen()).toBe(8)
  })
})
