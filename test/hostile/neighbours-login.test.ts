import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { hashSecret } from '../../src/config/secret.ts'
import { basic, call, cheapHash, configOf, type Edge, startEdge } from '../integration/http-edge.ts'
import { feeChanged, type IngestEdge, STRUCTURED, startIngestEdge, WEBHOOK_SECRET } from '../integration/ingest-edge.ts'

let edge: Edge | IngestEdge
afterEach(() => edge?.close())

const ASK = '/fetch-student?identifier=S-1'
const PROXY = '127.0.0.1/32'
const asFrom = (address: string) => ({ 'x-forwarded-for': address })
const ask = async (authorization: string, headers: Record<string, string> = {}) =>
  (await call(edge.port, ASK, { headers: { authorization, ...headers } })).status
const client = (username: string, ...secrets: readonly string[]) =>
  `\n  - { username: "${username}", secrets: ${JSON.stringify(secrets)}, branches: all }`

/** Guesses one after another, each on connections of its own, until it is stopped. */
const guessing = (concurrent: number, credentials: (n: number) => string, headers = {}) => {
  let isOver = false
  let guesses = 0
  const loops = Array.from({ length: concurrent }, async () => {
    while (!isOver) await ask(credentials(guesses++), headers).catch(() => undefined)
  })
  return {
    count: () => guesses,
    stop: async () => {
      isOver = true
      await Promise.all(loops)
    },
  }
}

describe('wrong passwords', () => {
  test.each([
    ['of its name, from its own address', 'jodo', {}, {}],
    ['of its name, from another address', 'jodo', asFrom('203.0.113.9'), asFrom('198.51.100.7')],
    ['of other names, from its own address', 'nobody', {}, {}],
  ])('%s never lock out the right one of a client that is not known yet', async (_, name, theirs, its) => {
    const config = configOf({ clients: client('jodo', await hashSecret('right')), trustedProxies: [PROXY] })
    edge = await startEdge({ config })
    const { stop, count } = guessing(16, (n) => basic(name, `guess ${n}`), theirs)
    await expect.poll(count, { timeout: 15_000 }).toBeGreaterThan(24)
    const began = performance.now()
    expect(await ask(basic('jodo', 'right'), its)).toBe(200)
    const tookMs = performance.now() - began
    await stop()
    // Four verifications: the one under way, a rest of three, its own. First come, first served took 16.
    expect(tookMs).toBeLessThan(3_000)
  })

  test('are told apart by address behind a trusted proxy, and by no header of anybody else', async () => {
    const statuses = async (trustedProxies: readonly string[]) => {
      edge = await startEdge({ config: configOf({ clients: client('jodo', cheapHash('right')), trustedProxies }) })
      const all: number[] = []
      for (let n = 0; n < 60; n++) all.push(await ask(basic(`nobody-${n}`, 'x'), asFrom(`203.0.113.${n}`)))
      await edge.close()
      return new Set(all)
    }
    expect(await statuses([PROXY])).toEqual(new Set([401]))
    expect(await statuses([])).toEqual(new Set([401, 429]))
    expect(await statuses(['192.0.2.0/24'])).toEqual(new Set([401, 429]))
  })

  test('get the same answers for a name that exists and for one that does not, however many they are', async () => {
    edge = await startEdge({
      config: configOf({ clients: client('jodo', cheapHash('right')), trustedProxies: [PROXY] }),
    })
    const guesses = async (name: string, network: number) => {
      const answers: (readonly [number, ...unknown[]])[] = []
      for (let n = 0; n < 110; n++) {
        const headers = { authorization: basic(name, `guess ${n}`), ...asFrom(`10.${network}.0.${n % 2}`) }
        const { status, headers: said, body } = await call(edge.port, ASK, { headers })
        answers.push([status, said['retry-after'], said['www-authenticate'], body])
      }
      return answers
    }
    const known = await guesses('jodo', 1)
    expect(await guesses('nobody', 2)).toEqual(known)
    expect(new Set(known.map(([status]) => status))).toEqual(new Set([401, 429]))
  })

  test('that are repeated are verified once, and charged each time', async () => {
    edge = await startEdge({ config: configOf({ clients: client('jodo', await hashSecret('right')) }) })
    await ask(basic('jodo', 'wrong'))
    const began = performance.now()
    const again: number[] = []
    for (let n = 0; n < 60; n++) again.push(await ask(basic('jodo', 'wrong')))
    // 60 verifications would take five seconds.
    expect(performance.now() - began).toBeLessThan(2_000)
    expect([again[0], again.at(-1)]).toEqual([401, 429])
    expect(await ask(basic('jodo', 'right'))).toBe(200)
  })
})

test('forged signatures lock nobody out: right ones from their address are taken, 8 of 8', async () => {
  edge = await startIngestEdge()
  const body = JSON.stringify(feeChanged('S-1', { source: '/erp/frappe' }))
  const post = (signature: string) =>
    call(edge.port, '/events', {
      method: 'POST',
      headers: { 'content-type': STRUCTURED, 'X-Frappe-Webhook-Signature': signature },
      body,
    })
  const forged: number[] = []
  for (let n = 0; n < 60; n++) forged.push((await post('AAAA')).status)
  expect(new Set(forged)).toEqual(new Set([401, 429]))
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('base64')
  const right = await Promise.all(Array.from({ length: 8 }, () => post(signature)))
  expect(right.map(({ status }) => status)).toEqual(Array(8).fill(200))
})
