import { afterEach, describe, expect, test } from 'vitest'
import { call } from './http-edge.ts'
import { BATCH, feeChanged, type IngestEdge, STRUCTURED, startIngestEdge } from './ingest-edge.ts'

let edge: IngestEdge
afterEach(() => edge?.close())

describe('the checks come in their order', () => {
  const big = 'x'.repeat(1_048_577)
  const alien = JSON.stringify(feeChanged('S-1', { source: '/erp/other' }))
  test.each<[string, number, string, Record<string, string>, string]>([
    [
      'credentials before the rest',
      401,
      'unauthorized',
      { authorization: 'Basic eDp5', accept: 'text/html', 'content-type': 'x/y' },
      big,
    ],
    ['what is accepted before the body', 406, 'not_acceptable', { accept: 'text/html', 'content-type': 'x/y' }, big],
    ['the size before the type', 413, 'payload_too_large', { 'content-type': 'x/y' }, big],
    ['the type before the events', 415, 'unsupported_media_type', { 'content-type': 'application/json' }, '{'],
    ['the events before the sources', 400, 'invalid_event', { 'content-type': BATCH }, `[${alien},{}]`],
    ['the sources last', 403, 'forbidden', {}, alien],
    [
      'a client that only pulls publishes nothing',
      403,
      'forbidden',
      { authorization: `Basic ${btoa('jodo:correct horse')}` },
      JSON.stringify(feeChanged('S-1')),
    ],
  ])('%s: %i', async (_, status, code, headers, body) => {
    edge = await startIngestEdge()
    const answer = await edge.post(body, headers)
    expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([status, code])
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': expect.any(String) })
    expect(await edge.written()).toEqual([])
  })

  test('the rate before what is accepted: 429', async () => {
    edge = await startIngestEdge()
    const slow = { authorization: `Basic ${btoa('slow:s-secret')}`, accept: 'text/html' }
    const answers = await Promise.all([1, 2, 3].map(() => edge.post('{', slow)))
    expect(answers.map(({ status }) => status).sort()).toEqual([406, 429, 429])
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'QUERY'])(
    '%s is not allowed: 405 without credentials',
    async (method) => {
      edge = await startIngestEdge()
      const answer = await call(edge.port, '/events', { method, headers: {} })
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST'])
    },
  )

  test('only that path is known', async () => {
    edge = await startIngestEdge()
    for (const path of ['/events/', '/events/1', '/EVENTS'])
      expect((await call(edge.port, path, { method: 'POST', headers: {}, body: '{}' })).status).toBe(404)
  })
})

test.each([
  ['none', {}],
  ['text', { 'content-type': 'text/plain' }],
  ['XML events', { 'content-type': 'application/cloudevents+xml' }],
  ['another charset', { 'content-type': `${STRUCTURED}; charset=iso-8859-1` }],
  ['gzip', { 'content-encoding': 'gzip' }],
  ['binary that is not JSON', { 'content-type': 'text/csv', 'ce-id': '1' }],
  ['JSON without an event’s headers', { 'content-type': 'application/json', 'ce-comment': 'x' }],
])('a media type that bears no events is refused: %s', async (name, headers) => {
  edge = await startIngestEdge()
  const given = name === 'none' ? { 'content-type': '' } : headers
  const answer = await edge.post(JSON.stringify(feeChanged('S-1')), given)
  expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([415, 'unsupported_media_type'])
})

test('a batch of 501 is too large, whatever is in it', async () => {
  edge = await startIngestEdge()
  const answer = await edge.post(JSON.stringify(Array.from({ length: 501 }, () => 1)), { 'content-type': BATCH })
  expect([answer.status, (JSON.parse(answer.body) as { code: string }).code]).toEqual([413, 'payload_too_large'])
})

test('nobody publishes as the operator', async () => {
  edge = await startIngestEdge()
  const decision = {
    type: 'pullgate.student.resolved.v1',
    source: '/pullgate/operator',
    data: {
      student: { identifier: 'S-1' },
      action: 'discard',
      letters: [{ topic: 'erp.student-events', partition: 0, offset: 0 }],
    },
  }
  expect((await edge.post(JSON.stringify(feeChanged('S-1', decision)))).status).toBe(403)
  expect(await edge.written()).toEqual([])
})
