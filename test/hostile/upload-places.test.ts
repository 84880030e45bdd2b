import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { ANSWER, call, JODO, PUBLISHER } from '../integration/http-edge.ts'
import { feeChanged, type IngestEdge, STRUCTURED, startIngestEdge, WEBHOOK_SECRET } from '../integration/ingest-edge.ts'
import { until } from '../support/until.ts'
import { closeAll, openRaw } from './sockets.ts'

let edge: IngestEdge
afterEach(async () => {
  closeAll()
  await edge?.close()
})

const MIB = 1_048_576
const SIGNATURE = 'X-Frappe-Webhook-Signature'
const head = (length: number, ...headers: readonly string[]) =>
  `POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: ${STRUCTURED}\r\nContent-Length: ${length}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`
const signedHead = (length: number) => head(length, `${SIGNATURE}: AAAA`)
const knownHead = (length: number) => head(length, `Authorization: ${PUBLISHER}`)

const event = (length = 0) => JSON.stringify(feeChanged('S-1')).padEnd(length)
const webhook = (length = 0, localAddress = '127.0.0.1') => {
  const body = JSON.stringify(feeChanged('S-1', { source: '/erp/frappe' })).padEnd(length)
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('base64')
  return call(edge.port, '/events', {
    method: 'POST',
    headers: { 'content-type': STRUCTURED, [SIGNATURE]: signature },
    body,
    localAddress,
  })
}

/** Uploads that send `sent` bytes of more, and then nothing. */
const stall = async (count: number, text: string, sent: number, address?: string) => {
  const uploads = await Promise.all(Array.from({ length: count }, () => openRaw(edge.port, address)))
  for (const { socket } of uploads) socket.write(`${text}${'x'.repeat(sent)}`)
  return uploads
}

/** The log-in is verified and remembered, so that the next upload's bytes are charged as soon as they come. */
const logIn = async (): Promise<void> => {
  expect((await edge.post(event())).status).toBe(200)
}

describe('an upload that stalls', () => {
  test('costs nothing for what it only announces', async () => {
    edge = await startIngestEdge()
    await stall(40, signedHead(MIB), 1)
    await stall(40, knownHead(MIB), 1)
    await expect.poll(async () => (await webhook()).status).toBe(200)
    expect((await edge.post(event())).status).toBe(200)
  })

  test.each([
    ['of an unknown sender', signedHead(900), () => webhook(400)],
    ['of a client', knownHead(2_900), () => edge.post(event(1_900))],
  ])('%s gives its room back at its deadline, while its connection is still there', async (_, text, publish) => {
    edge = await startIngestEdge({ deadlineMs: 500, limits: { maxEventBytesInFlight: 4_000 } })
    await logIn()
    const sent = text === signedHead(900) ? 450 : 2_850
    const [upload] = await stall(1, text, sent)
    await until('the room to be taken', async () => (await publish()).status === 503)
    await until('its answer', () => upload!.text().startsWith('HTTP/1.1 408'))
    expect((await publish()).status).toBe(200)
  })

  test('gives its room back at its deadline behind an answer that nobody reads', async () => {
    const pull = async () => ({ ...ANSWER, body: Buffer.alloc(32 * MIB) })
    edge = await startIngestEdge({ deadlineMs: 2_000, limits: { maxEventBytesInFlight: 4_000 }, pull })
    await logIn()
    const { socket } = await openRaw(edge.port)
    socket.pause()
    const asked = `GET /fetch-student?identifier=S-1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${JODO}\r\n\r\n`
    // In one write: behind an answer that waits, Node reads no further request.
    socket.write(`${asked}${knownHead(2_900)}${'x'.repeat(2_850)}`)
    await until('the room to be taken', async () => (await edge.post(event(1_900))).status === 503)
    await until('the room', async () => (await edge.post(event(1_900))).status === 200)
  })

  test('gives its room back when its connection breaks', async () => {
    edge = await startIngestEdge({ deadlineMs: 14_900, limits: { maxEventBytesInFlight: 4_000 } })
    await logIn()
    const [upload] = await stall(1, knownHead(2_900), 2_850)
    await until('the room to be taken', async () => (await edge.post(event(1_900))).status === 503)
    upload!.socket.resetAndDestroy()
    await until('the room', async () => (await edge.post(event(1_900))).status === 200, 5_000)
  })
})

describe('room for bodies', () => {
  test('of one address is half of what there is for unknown senders', async () => {
    edge = await startIngestEdge({ limits: { maxEventBytesInFlight: 8_000 } })
    await stall(1, signedHead(1_500), 990, '127.0.0.2')
    await until('its share to be taken', async () => (await webhook(500, '127.0.0.2')).status === 503)
    expect((await webhook(500)).status).toBe(200)
  })

  test('of unknown senders takes none from those who log in', async () => {
    edge = await startIngestEdge({ limits: { maxEventBytesInFlight: 8_000 } })
    for (const address of ['127.0.0.2', '127.0.0.3']) await stall(1, signedHead(1_500), 990, address)
    await until('the room to be taken', async () => (await webhook(500)).status === 503)
    expect((await edge.post(event(5_900))).status).toBe(200)
  })

  test('of one client is three quarters of what there is for clients', async () => {
    edge = await startIngestEdge({ limits: { maxEventBytesInFlight: 4_000 } })
    await stall(1, knownHead(2_999), 2_990)
    await until('its share to be taken', async () => (await edge.post(event(500))).status === 503)
    expect((await webhook(500)).status).toBe(200)
  })
})

test('a body that comes in a hundred thousand chunks of one byte takes the room of its bytes', async () => {
  edge = await startIngestEdge({ limits: { maxEventBytesInFlight: 400_000 } })
  const { socket, text } = await openRaw(edge.port)
  const body = event(100_000)
  socket.write(
    `POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: ${STRUCTURED}\r\nAuthorization: ${PUBLISHER}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
  socket.write(`${[...body].map((character) => `1\r\n${character}\r\n`).join('')}0\r\n\r\n`)
  await until('an answer', () => text() !== '')
  expect(text()).toMatch(/^HTTP\/1\.1 200 /)
})
