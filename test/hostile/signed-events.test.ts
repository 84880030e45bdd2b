import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { call } from '../integration/http-edge.ts'
import {
  BATCH,
  feeChanged,
  type IngestEdge,
  STRUCTURED,
  startIngestEdge,
  WEBHOOK_SECRET,
} from '../integration/ingest-edge.ts'

let edge: IngestEdge
afterEach(() => edge?.close())

const signed = (body: string, headers: Record<string, string>) =>
  call(edge.port, '/events', {
    method: 'POST',
    headers: {
      'X-Frappe-Webhook-Signature': createHmac('sha256', WEBHOOK_SECRET).update(body).digest('base64'),
      ...headers,
    },
    body,
  })

const attributes = (type: string, id: string): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': '/erp/frappe',
  'ce-type': type,
  'ce-time': '2026-06-01T09:00:00Z',
})

const { data } = feeChanged('S-1')

// The signature covers the body alone: with attributes in headers, one captured body could be made any other event.
test.each([
  ['a captured body as an erasure', 'erp.student.erased.v1', JSON.stringify(data), 'application/json'],
  ['a captured body as a leaving', 'erp.student.discontinued.v1', JSON.stringify(data), 'application/vnd.x+json'],
  ['an empty body as a heartbeat', 'erp.heartbeat.v1', '', 'application/json'],
  ['an empty body without a type as a heartbeat', 'erp.heartbeat.v1', '', ''],
])('a signed sender may not put attributes in headers: %s is 415', async (_, type, body, contentType) => {
  edge = await startIngestEdge()
  const answer = await signed(body, { 'content-type': contentType, ...attributes(type, 'other') })
  expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([415, 'unsupported_media_type'])
  expect(answer.headers).toMatchObject({ accept: `${STRUCTURED}, ${BATCH}`, 'accept-encoding': 'identity' })
  expect(await edge.written()).toEqual([])
})

test('headers beside a signed structured event change nothing of it', async () => {
  edge = await startIngestEdge()
  const body = JSON.stringify(feeChanged('S-1', { source: '/erp/frappe' }))
  const answer = await signed(body, { 'content-type': STRUCTURED, ...attributes('erp.student.erased.v1', 'other') })
  expect(answer.status).toBe(200)
  const [record] = await edge.written()
  expect(Buffer.from(record!.value!).toString()).toBe(body)
  expect(record!.headers.map(([name]) => name)).toEqual(['content-type'])
})

test('a 415 says what would be taken: media types, and no content coding', async () => {
  edge = await startIngestEdge()
  const answer = await edge.post('{}', { 'content-encoding': 'gzip' })
  expect(answer.status).toBe(415)
  expect(answer.headers).toMatchObject({
    accept: `${STRUCTURED}, ${BATCH}, application/json`,
    'accept-encoding': 'identity',
  })
  expect((JSON.parse(answer.body) as { message: string }).message).toContain(BATCH)
})
