import { afterEach, describe, expect, test } from 'vitest'
import { headerText } from '../../consumers/events/envelope.ts'
import { REJECT_REASONS } from '../../consumers/events/reject-reasons.ts'
import { errors } from '../../src/errors.ts'
import { call } from './http-edge.ts'
import { BATCH, feeChanged, type IngestEdge, placeOf, STRUCTURED, startIngestEdge } from './ingest-edge.ts'

const ids = (records: readonly { readonly value: Uint8Array | null }[]) =>
  records.map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { id: string }).id)

let edge: IngestEdge
afterEach(() => edge?.close())

describe('an accepted publication', () => {
  test('of one structured event lies under its key as the bytes that came', async () => {
    edge = await startIngestEdge()
    const body = ` ${JSON.stringify(feeChanged('S-1')).replace('"100.50"', '100.10000000000000001')} \n`
    const answer = await edge.post(body, { 'content-type': 'Application/CloudEvents+JSON; charset=utf-8' })
    expect(answer.status).toBe(200)
    expect(answer.body).toBe(`{"status":"success","data":{"accepted":1,"positions":["${placeOf('S-1', 0)}"]}}`)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': expect.any(String),
    })
    const [record] = await edge.written()
    expect(Buffer.from(record!.value!).toString()).toBe(body)
    expect(Buffer.from(record!.key!).toString()).toBe('S-1')
    expect(headerText(record!.headers, 'content-type')).toMatch(/^application\/cloudevents\+json/)
  })

  test('of a batch names each event’s position in the order of the batch', async () => {
    edge = await startIngestEdge()
    const names = ['S-1', 'S-2', 'S-1', 'ü', 'S-1']
    const elements = names.map((name) => JSON.stringify(feeChanged(name, { note: 'brackets ]}", and \\ "' })))
    const answer = await edge.post(`[ ${elements.join('\r\n,\t')} ]`, { 'content-type': BATCH })
    expect(JSON.parse(answer.body)).toEqual({
      status: 'success',
      data: {
        accepted: 5,
        positions: [placeOf('S-1', 0), placeOf('S-2', 0), placeOf('S-1', 1), placeOf('ü', 0), placeOf('S-1', 2)],
      },
    })
    const values = (await edge.written()).map(({ value }) => Buffer.from(value!).toString())
    expect(values.sort()).toEqual([...elements].sort())
  })

  test('of a binary event keeps every attribute, percent-decoded once, and the data as it came', async () => {
    edge = await startIngestEdge()
    const { data, ...attributes } = feeChanged('S-1')
    const body = JSON.stringify(data).replace('"100.50"', '1e2')
    const answer = await edge.post(body, {
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, String(value)])),
      'content-type': 'application/json',
      'CE-Id': 'a%20b%2525%E2%82%AC',
      'ce-sequence': '7',
      'ce-comment': '"two \\"words\\" 100%"',
    })
    expect(answer).toMatchObject({ status: 200 })
    const [record] = await edge.written()
    expect(Buffer.from(record!.value!).toString()).toBe(body)
    expect(Object.fromEntries(record!.headers.map(([name, value]) => [name, String(value)]))).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 'a b%25€',
      ce_source: '/erp/x',
      ce_type: 'erp.fee.changed.v1',
      ce_time: '2026-06-01T09:00:00+05:30',
      ce_sequence: '7',
      ce_comment: 'two "words" 100%',
    })
  })

  test('of a heartbeat needs no data in any mode', async () => {
    edge = await startIngestEdge()
    const heartbeat = {
      specversion: '1.0',
      id: '1',
      source: '/erp/x',
      type: 'erp.heartbeat.v1',
      time: '2026-06-01T09:00:00Z',
    }
    const headers = Object.fromEntries(Object.entries(heartbeat).map(([name, value]) => [`ce-${name}`, value]))
    expect((await edge.post(JSON.stringify(heartbeat))).status).toBe(200)
    const { 'content-type': _, ...bare } = { 'content-type': '', ...headers }
    const answer = await call(edge.port, '/events', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('publisher:p-secret')}`, ...bare },
    })
    expect(answer.status).toBe(200)
    expect((await edge.written()).map(({ value }) => value === null)).toEqual([false, true])
  })

  test('may be as dense as valid events can be', async () => {
    edge = await startIngestEdge()
    const allocation = { component_type: 'A', amount: 0 }
    const count = Math.floor(1_040_000 / (JSON.stringify(allocation).length + 1))
    const { student } = feeChanged('S-1')['data'] as { student: object }
    const payment = { student, payment_id: 'P', amount: 1, paid_on: '2026-06-01' }
    const data = { ...payment, allocations: Array.from({ length: count }, () => allocation) }
    const answer = await edge.post(JSON.stringify(feeChanged('S-1', { type: 'erp.payment.recorded.v1', data })))
    expect(answer.status).toBe(200)
  })

  test('takes a batch of 500 events, and types of others', async () => {
    edge = await startIngestEdge()
    const events = Array.from({ length: 500 }, (_, n) => feeChanged(`S-${n}`))
    events[3] = feeChanged('S-3', { type: 'org.example.noted.v1', data: 'anything' })
    const answer = await edge.post(JSON.stringify(events), { 'content-type': BATCH })
    expect(answer.status).toBe(200)
    expect(ids(await edge.written())).toHaveLength(500)
  })

  test('is counted', async () => {
    edge = await startIngestEdge()
    await edge.post(JSON.stringify([feeChanged('S-1'), feeChanged('S-2')]), { 'content-type': BATCH })
    await edge.post('{')
    const text = await edge.metrics.render()
    expect(text).toContain('pullgate_ingest_events_total 2')
    expect(text).toMatch(/^pullgate_ingest_seconds_total 0\.\d+$/m)
    expect(text).toContain('pullgate_ingest_requests_total{code="200"} 1')
    expect(text).toContain('pullgate_ingest_requests_total{code="400"} 1')
  })
})

describe('one bad event', () => {
  test('spoils its batch: nothing is written, and every problem of all events is told', async () => {
    edge = await startIngestEdge()
    const events = [
      feeChanged('S-1'),
      feeChanged('S-2', {
        time: 'now',
        data: { student: { identifier: 'S-2' }, component_type: 'A', amount: '1.005' },
      }),
      feeChanged('S-3', { type: 'erp.fee.lost.v1' }),
      'no event',
    ]
    const answer = await edge.post(JSON.stringify(events), { 'content-type': BATCH })
    expect(answer.status).toBe(400)
    expect(answer.body.startsWith('{"status":"error","message":"At least one event is not valid')).toBe(true)
    expect(JSON.parse(answer.body)).toEqual({
      status: 'error',
      message: errors.invalid_event.message,
      code: 'invalid_event',
      errors: [
        { index: 1, pointer: '/time', message: 'must be an RFC 3339 moment with an offset' },
        { index: 1, pointer: '/data/student/grade', message: 'is required' },
        { index: 1, pointer: '/data/student/academic_year_start', message: 'is required' },
        {
          index: 1,
          pointer: '/data/amount',
          message: 'must be an amount in rupees, 0 to 9999999999.99, with at most 2 decimals',
        },
        { index: 2, pointer: '/type', message: 'is not a type of event that this version knows' },
        { index: 3, pointer: '', message: 'the value is JSON, but no object' },
      ],
    })
    expect(await edge.written()).toEqual([])
  })

  test.each([
    ['no JSON', STRUCTURED, '{"specversion":"1.0"', '', 'the value is not JSON'],
    ['nothing', STRUCTURED, '', '', 'the value is not JSON'],
    ['a batch as structured', STRUCTURED, '[]', '', 'the value is JSON, but no object'],
    ['an object as batch', BATCH, '{}', '', 'the body is not a JSON list'],
    ['an empty batch', BATCH, ' [ ] ', '', 'a batch has 1 to 500 events'],
    ['a batch with an end too many', BATCH, '[]]', '', 'the body is not a JSON list'],
    ['a batch without an end', BATCH, '[{}', '', 'the body is not a JSON list'],
    ['a batch with a lone comma', BATCH, '[,]', '', 'the value is not JSON'],
    ['not UTF-8', STRUCTURED, Buffer.from('{"a":"\xff"}', 'latin1'), '', REJECT_REASONS.not_utf8],
  ])('%s is told as such', async (_, type, body, pointer, message) => {
    edge = await startIngestEdge()
    const answer = await edge.post(body, { 'content-type': type })
    const { code, errors: problems } = JSON.parse(answer.body) as { code: string; errors: object[] }
    expect([answer.status, code, problems[0]]).toEqual([400, 'invalid_event', { index: 0, pointer, message }])
  })

  test('with thousands of problems is told the first hundred', async () => {
    edge = await startIngestEdge()
    const data = { student: { identifier: 'S-1' }, enrolments: Array.from({ length: 600 }, () => ({})) }
    const answer = await edge.post(JSON.stringify(feeChanged('S-1', { type: 'erp.student.snapshot.v1', data })))
    const { message, errors: problems } = JSON.parse(answer.body) as { message: string; errors: object[] }
    expect(problems).toHaveLength(100)
    expect(message).toContain('The first 100 problems')
  })

  test('is told among the first hundred problems of the whole batch', async () => {
    edge = await startIngestEdge()
    const events = Array.from({ length: 300 }, (_, n) => feeChanged(`S-${n}`, { time: 'now' }))
    const answer = await edge.post(JSON.stringify(events), { 'content-type': BATCH })
    const { errors: problems } = JSON.parse(answer.body) as { errors: readonly { index: number }[] }
    expect(problems.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  test('with tens of thousands of problems is a 400 like any other', async () => {
    edge = await startIngestEdge()
    const data = { student: { identifier: 'S-1' }, enrolments: Array.from({ length: 32_000 }, () => ({})) }
    const answer = await edge.post(JSON.stringify(feeChanged('S-1', { type: 'erp.student.snapshot.v1', data })))
    expect([answer.status, (JSON.parse(answer.body) as { errors: object[] }).errors.length > 0]).toEqual([400, true])
  })

  test.each([
    ['empty objects', '{}'],
    ['numbers', '1'],
  ])('cut into hundreds of thousands of %s is refused unread', async (_, part) => {
    edge = await startIngestEdge()
    const event = JSON.stringify(feeChanged('S-1', { type: 'erp.student.snapshot.v1', data: { enrolments: ['HERE'] } }))
    const parts = `${part},`.repeat(Math.floor(1_000_000 / (part.length + 1)))
    const answer = await edge.post(event.replace('"HERE"', `${parts}${part}`))
    expect([answer.status, (JSON.parse(answer.body) as { errors: object[] }).errors]).toEqual([
      400,
      [{ index: 0, pointer: '', message: 'the body has more parts than events of its size can have' }],
    ])
  })

  test('in binary mode with an attribute given twice is refused', async () => {
    edge = await startIngestEdge()
    const { data, ...attributes } = feeChanged('S-1')
    const headers = Object.entries(attributes).flatMap(([name, value]) => [`ce-${name}`, String(value)])
    const answer = await call(edge.port, '/events', {
      method: 'POST',
      headers: [
        ...['host', 'x', 'authorization', `Basic ${btoa('publisher:p-secret')}`, 'content-type', 'application/json'],
        ...headers,
        ...['CE-Source', '/erp/y'],
      ],
      body: JSON.stringify(data),
    })
    expect(JSON.parse(answer.body)).toMatchObject({
      errors: [{ pointer: '/source', message: 'is given more than once' }],
    })
  })
})
