import { createHmac } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Position } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { until } from '../support/until.ts'
import { call, exchangeRaw, PUBLISHER, parseRaw } from './http-edge.ts'
import { BATCH, feeChanged, type IngestEdge, STRUCTURED, startIngestEdge, WEBHOOK_SECRET } from './ingest-edge.ts'

let edge: IngestEdge
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await edge?.close()
})

const MIB = 1_048_576
const codeOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { code: string }).code
const event = () => JSON.stringify(feeChanged('S-1'))

const HEAD = `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${PUBLISHER}\r\nContent-Type: ${STRUCTURED}\r\n`

/** An open connection, and everything that has come over it. */
const open = (): { readonly socket: Socket; readonly text: () => string } => {
  const socket = connect(edge.port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => {})
  return { socket, text: () => text }
}

describe('the size of a body', () => {
  test('of exactly 1 MiB is allowed', async () => {
    edge = await startIngestEdge()
    expect((await edge.post(event().padEnd(MIB))).status).toBe(200)
  })

  test('announced over 1 MiB is refused before a byte of it has come', async () => {
    edge = await startIngestEdge()
    const { socket, text } = open()
    socket.write(`${HEAD}Content-Length: ${MIB + 1}\r\n\r\n`)
    await until('an answer', () => text().includes('payload_too_large'))
    expect(text()).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('that is not announced is counted as it comes', async () => {
    edge = await startIngestEdge()
    const { socket, text } = open()
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    for (let sent = 0; sent < 17; sent++) socket.write(chunk)
    await until('an answer', () => text().includes('payload_too_large'))
    expect(text()).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('that is refused leaves the connection usable, once the rest has been dropped', async () => {
    edge = await startIngestEdge()
    const { socket, text } = open()
    socket.write(`${HEAD}Content-Length: ${MIB + 1}\r\n\r\n${'x'.repeat(MIB + 1)}`)
    const next = event()
    socket.write(`${HEAD}Content-Length: ${Buffer.byteLength(next)}\r\n\r\n${next}`)
    await until('both answers', () => text().includes('"accepted":1'))
    expect(parseRaw(text()).map(({ status }) => status)).toEqual([413, 200])
  })

  test('is asked for only when it will be read', async () => {
    edge = await startIngestEdge()
    const expecting = `${HEAD}Expect: 100-continue\r\n`
    const refused = open()
    refused.socket.write(`${expecting}Content-Length: ${MIB + 1}\r\n\r\n`)
    await until('a refusal', () => refused.text().includes('payload_too_large'))
    expect(refused.text()).toMatch(/^HTTP\/1\.1 413 /)
    const taken = open()
    const body = event()
    taken.socket.write(`${expecting}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`)
    await until('to be asked', () => taken.text() === 'HTTP/1.1 100 Continue\r\n\r\n')
    taken.socket.write(body)
    await until('an answer', () => taken.text().includes('"accepted":1'))
  })
})

describe('time', () => {
  test('runs out for a body that drips: 408, and the connection is closed', async () => {
    edge = await startIngestEdge({ deadlineMs: 400 })
    const text = await exchangeRaw(edge.port, `${HEAD}Content-Length: 100\r\n\r\n{`)
    const [answer] = parseRaw(text)
    expect([answer!.status, codeOf(answer!), answer!.headers['connection']]).toEqual([408, 'request_timeout', 'close'])
    expect(await edge.written()).toEqual([])
  })

  test('runs out for a log that does not acknowledge: 503 with Retry-After, and the late answer is nobody’s', async () => {
    const late = Promise.withResolvers<readonly Position[]>()
    edge = await startIngestEdge({ deadlineMs: 400, log: { append: () => late.promise } })
    const answer = await edge.post(event())
    expect([answer.status, codeOf(answer), answer.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '1',
    ])
    expect(answer.headers['x-pullgate-reason']).toBe('log_unavailable')
    late.resolve([{ partition: 0, offset: 0 }])
  })

  test.each(['unavailable', 'refused'] as const)('a log that says %s is answered 503', async (code) => {
    edge = await startIngestEdge({ log: { append: () => Promise.reject(new LogError(code, 'no')) } })
    const answer = await edge.post(event())
    expect([answer.status, codeOf(answer), answer.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '1',
    ])
    expect(answer.headers['x-pullgate-reason']).toBe('log_unavailable')
    expect(edge.logged()).toContain('published events were not acknowledged')
  })

  test('a log that is back takes the same events again', async () => {
    edge = await startIngestEdge()
    const body = event()
    edge.eventLog.setDown(true)
    expect((await edge.post(body)).status).toBe(503)
    edge.eventLog.setDown(false)
    expect((await edge.post(body)).status).toBe(200)
  })
})

describe('bodies on their way', () => {
  const limits = { maxEventBytesInFlight: 2_000 }

  test('beyond their bound are shed with 503 until the others are acknowledged', async () => {
    const acknowledge = Promise.withResolvers<void>()
    const appended: number[] = []
    edge = await startIngestEdge({
      limits,
      log: {
        append: async (records) => {
          appended.push(records.length)
          await acknowledge.promise
          return records.map(() => ({ partition: 0, offset: 0 }))
        },
      },
    })
    const first = edge.post(event().padEnd(1_500))
    await until('the first to be on its way', () => appended.length === 1)
    const second = await edge.post(event().padEnd(1_500))
    expect([second.status, codeOf(second), second.headers['retry-after']]).toEqual([
      503,
      'temporarily_unavailable',
      '1',
    ])
    expect(second.headers['x-pullgate-reason']).toBe('overload')
    acknowledge.resolve()
    expect((await first).status).toBe(200)
    expect((await edge.post(event().padEnd(1_500))).status).toBe(200)
  })

  test('give their room back when their sender leaves, and when they are refused', async () => {
    edge = await startIngestEdge({ limits })
    for (let turn = 0; turn < 3; turn++) {
      const { socket, text } = open()
      socket.write(`${HEAD}Content-Length: 1500\r\nExpect: 100-continue\r\n\r\n`)
      await until('to be read', () => text() !== '')
      socket.destroy()
      await until('the room', async () => (await edge.post('{'.padEnd(1_500))).status === 400)
    }
    expect((await edge.post(event().padEnd(1_500))).status).toBe(200)
  })
})

describe('a signed body', () => {
  const sign = (body: string, secret = WEBHOOK_SECRET) => createHmac('sha256', secret).update(body).digest('base64')
  const frappe = (said: object = {}) => JSON.stringify(feeChanged('S-1', { source: '/erp/frappe', ...said }))
  const post = (body: string, headers: Record<string, string>) =>
    call(edge.port, '/events', { method: 'POST', headers: { 'content-type': STRUCTURED, ...headers }, body })

  test('is its client’s, without a log-in', async () => {
    edge = await startIngestEdge()
    const body = frappe()
    expect((await post(body, { 'X-Frappe-Webhook-Signature': sign(body) })).status).toBe(200)
    const batch = `[${frappe({ source: '/erp/other' })}]`
    const signed = { 'x-signature': sign(batch, 'another'), 'content-type': BATCH }
    expect((await post(batch, signed)).status).toBe(200)
  })

  test.each<[string, (body: string) => Record<string, string>]>([
    ['another secret', (body) => ({ 'X-Frappe-Webhook-Signature': sign(body, 'another') })],
    ['another body', (body) => ({ 'X-Frappe-Webhook-Signature': sign(`${body} `) })],
    ['another header', (body) => ({ 'X-Signature': sign(body) })],
    ['hex', (body) => ({ 'X-Frappe-Webhook-Signature': Buffer.from(sign(body), 'base64').toString('hex') })],
    ['nothing', () => ({ 'X-Frappe-Webhook-Signature': '' })],
    ['no signature', () => ({})],
    [
      'credentials that are wrong beside it',
      (body) => ({ 'X-Frappe-Webhook-Signature': sign(body), authorization: 'Basic eDp5' }),
    ],
  ])('is refused with %s: 401', async (_, headers) => {
    edge = await startIngestEdge()
    const body = frappe()
    const answer = await post(body, headers(body))
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorized'])
    expect(await edge.written()).toEqual([])
  })

  test('speaks only for the sources of its client', async () => {
    edge = await startIngestEdge()
    const body = event()
    expect((await post(body, { 'X-Frappe-Webhook-Signature': sign(body) })).status).toBe(403)
  })

  test('that fails again and again is throttled before it is read', async () => {
    edge = await startIngestEdge()
    const statuses: number[] = []
    for (let turn = 0; turn < 52; turn++)
      statuses.push((await post('{}', { 'X-Frappe-Webhook-Signature': sign('other') })).status)
    expect(statuses.slice(0, 50).every((status) => status === 401)).toBe(true)
    expect(statuses).toContain(429)
  })
})
