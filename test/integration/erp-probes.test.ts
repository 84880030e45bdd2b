import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ErpDirectory, erpDirectory } from '../../src/erp/directory.ts'
import { type Probing, probeFailure, startProbing } from '../../src/erp/probing.ts'
import { erpConfig, testClient, until } from '../support/erp-client.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active } from '../support/fake-erp-students.ts'

const MINUTE_MS = 60_000
const students = new Map([['S-1', [active({ identifier: 'S-1' })]]])

let erp: FakeErp
/** Time runs as ever, and jumps when a test says so. */
let skewMs = 0
const clock = { nowMs: () => performance.now() + skewMs, unixMs: () => Date.now() }
const closing: { readonly close: () => Promise<void> }[] = []
const opened = (
  config: Parameters<typeof erpConfig>[1] = {},
  options: Parameters<typeof testClient>[1] = {},
): ReturnType<typeof testClient> => {
  const client = testClient(erpConfig(erp.url, config), { clock, ...options })
  closing.push(client)
  return client
}
beforeEach(async () => {
  skewMs = 0
  erp = await fakeErp({ students })
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()))
  await erp.close()
})

describe('a probe of an ERP', () => {
  test('asks once, as a pull would, for a student that does not exist', async () => {
    const outcome = await opened({}, { branches: () => ['BLR-01', 'BLR-02'] }).probe()
    expect(outcome).toMatchObject({ kind: 'answer', status: 422 })
    expect(erp.requests().map(({ url, authorization }) => [url, authorization])).toEqual([
      [
        '/fetch-student?identifier=pullgate-probe&collector_code=BLR-01',
        `Basic ${Buffer.from('pullgate:pässword:1').toString('base64')}`,
      ],
    ])
  })

  test('is one request, also where an earlier call has left a connection and where a retry would help', async () => {
    const client = opened()
    await client.ask('S-1')
    erp.forget()
    expect(probeFailure((await client.probe())!)).toBe(null)
    await erp.behave({ kind: 'status', code: 503 })
    expect(probeFailure((await client.probe())!)).toBe('cannot be asked: status 503')
    expect(erp.calls()).toBe(2)
  })

  test('makes a connection of its own and leaves none behind', async () => {
    const client = opened()
    for (let n = 0; n < 5; n++) await client.probe()
    await until(() => erp.sockets() === 0, 'the connections are closed')
  })

  test.each([
    ['status 500', { kind: 'status', code: 500 }, 10_000, 'cannot be asked: status 500'],
    ['silence', { kind: 'hang' }, 400, 'cannot be asked: no answer in time'],
    ['a web page', { kind: 'garbage' }, 10_000, 'its answer cannot be used: not JSON'],
  ] as const)('fails on %s, and opens no breaker however often', async (_title, behaviour, timeoutMs, words) => {
    const requests: unknown[] = []
    const client = opened(
      { timeout_ms: timeoutMs, breaker: { volume: 2 } },
      { onRequest: (...request) => requests.push(request) },
    )
    await erp.behave(behaviour)
    for (let n = 0; n < 3; n++) expect(probeFailure((await client.probe())!)).toBe(words)
    await client.ask('S-1')
    expect([client.breakerState(), requests.length]).toEqual(['closed', 1])
  })

  test('fails where the ERP makes a student up', async () => {
    students.set('pullgate-probe', [active({ identifier: 'pullgate-probe' })])
    const outcome = await opened().probe()
    students.delete('pullgate-probe')
    expect(probeFailure(outcome!)).toBe('answers 200 for a student that does not exist')
  })

  test('takes a place of the ERP, and is not sent where none is free', async () => {
    const client = opened({ max_concurrent: 1, timeout_ms: 10_000 })
    erp.next({ kind: 'slow', ms: 200 }, { kind: 'slow', ms: 200 })
    const pull = client.ask('S-1', 10_000)
    await until(() => erp.open() === 1, 'the pull is at the ERP')
    expect(await client.probe()).toBe(null)
    await pull
    await until(() => client.inFlight() === 0, 'the place is free')
    const probe = client.probe()
    await until(() => erp.calls() === 2, 'the probe is at the ERP')
    expect(await client.ask('S-1', 10_000)).toMatchObject({ kind: 'answer' })
    await probe
    expect(erp.maxOpen()).toBe(1)
  })

  test('is not made by a client that closes', async () => {
    const client = opened()
    await client.close()
    expect(await client.probe()).toBe(null)
    expect(erp.calls()).toBe(0)
  })
})

describe('a breaker and the probe', () => {
  const halfOpen = async () => {
    const client = opened({ breaker: { volume: 2, reset_ms: 20 } })
    await erp.behave({ kind: 'status', code: 500 })
    for (const id of ['S-1', 'S-2']) await client.ask(id)
    await until(() => client.breakerState() === 'half-open', 'the breaker is half-open')
    return client
  }

  test('a good probe closes the half-open breaker of a client that has stopped asking', async () => {
    const client = await halfOpen()
    skewMs += MINUTE_MS
    await client.probe()
    expect(client.breakerState()).toBe('half-open')
    await erp.behave({ kind: 'ok' })
    await client.probe()
    await until(() => client.breakerState() === 'closed', 'the breaker is closed')
    // It is on probation: failures in a row open it again.
    await erp.behave({ kind: 'status', code: 500 })
    for (const identifier of ['S-1', 'S-2']) await client.fetch({ identifier }, 'jodo', clock.nowMs() + 3_000)
    expect(client.breakerState()).not.toBe('closed')
  })

  test('the half-open breaker of an active client waits for its own call', async () => {
    const client = await halfOpen()
    await erp.behave({ kind: 'ok' })
    await client.probe()
    expect(client.breakerState()).toBe('half-open')
    await client.ask('S-1')
    expect(client.breakerState()).toBe('closed')
  })

  test('a good probe leaves an open breaker open', async () => {
    const client = opened({ breaker: { volume: 2, reset_ms: 3_600_000 } })
    await erp.behave({ kind: 'status', code: 500 })
    for (const id of ['S-1', 'S-2']) await client.ask(id)
    skewMs += MINUTE_MS
    await erp.behave({ kind: 'ok' })
    expect(probeFailure((await client.probe())!)).toBe(null)
    expect(client.breakerState()).toBe('open')
  })
})

describe('standing probes', () => {
  const lines: string[] = []
  const say = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log = { info: say, warn: say, error: say }
  const probingOf = (directory: ErpDirectory): Probing => {
    const probing = startProbing({ erps: directory.probed, log, clock, tickMs: 2, random: () => 0.5 })
    closing.push({ close: async () => probing.stop() })
    return probing
  }
  const directoryOf = (probe: 'on' | 'off' = 'on'): ErpDirectory => {
    const directory = erpDirectory({ erp: erpConfig(erp.url, { probe }), branches: [] }, { log, clock })
    closing.push(directory)
    return directory
  }
  beforeEach(() => void lines.splice(0))
  /** The next minute begins; every tick of it runs before `condition` holds. */
  const nextMinute = async (condition: () => boolean, what: string): Promise<void> => {
    skewMs += MINUTE_MS + 1
    await until(condition, what)
  }

  test('one a minute tells a failure once, and the recovery', async () => {
    const directory = directoryOf()
    const probing = probingOf(directory)
    const failure = () => probing.failureOf(directory.clients()[0]!)
    await erp.behave({ kind: 'status', code: 503 })
    expect([failure(), erp.calls()]).toEqual([null, 0])
    await nextMinute(() => failure() !== null, 'the first failure')
    await nextMinute(() => erp.calls() === 2, 'the second probe')
    await erp.behave({ kind: 'ok' })
    await nextMinute(() => failure() === null, 'the recovery')
    expect(erp.calls()).toBe(3)
    expect(lines).toEqual([
      'an ERP does not answer the probe {"erp":"group","detail":"cannot be asked: status 503"}',
      'an ERP answers the probe again {"erp":"group"}',
    ])
  })

  test('an ERP that answered a pull in this minute is not asked, and has not failed', async () => {
    const directory = directoryOf()
    const probing = probingOf(directory)
    await erp.behave({ kind: 'status', code: 503 })
    await nextMinute(() => probing.failureOf(directory.clients()[0]!) !== null, 'the failure')
    await erp.behave({ kind: 'ok' })
    skewMs += 30_000
    await directory.forBranch(null)!.fetch({ identifier: 'S-1' }, 'jodo', clock.nowMs() + 2_000)
    skewMs += 40_000
    await until(() => probing.failureOf(directory.clients()[0]!) === null, 'the pull counts')
    expect(erp.requests().map(({ query }) => query.get('identifier'))).toEqual(['pullgate-probe', 'S-1'])
  })

  test('with probe: off there is none, and none after the stop of a drain', async () => {
    const [off, witnessed] = [await fakeErp({ students }), await fakeErp({ students })]
    closing.push(off, witnessed)
    const branches = [{ collector_code: 'A', erp: erpConfig(off.url, { probe: 'off' }) }]
    const directory = erpDirectory({ erp: erpConfig(erp.url), branches }, { log, clock })
    const witness = erpDirectory({ erp: erpConfig(witnessed.url), branches: [] }, { log, clock })
    closing.push(directory, witness)
    const probing = probingOf(directory)
    await nextMinute(() => erp.calls() === 1, 'the probe of the other ERP')
    probing.stop()
    probingOf(witness)
    for (const round of [1, 2]) await nextMinute(() => witnessed.calls() === round, `probe ${round} of the witness`)
    expect([erp.calls(), off.calls()]).toEqual([1, 0])
  })
})
