import { afterEach, expect, test } from 'vitest'
import type { PullResult } from '../../src/pull/port.ts'
import { ANSWER, BRANCH_CLIENT, basic, call, type Edge, startEdge } from './http-edge.ts'
import { ASK, envelopeOf, expectError } from './http-envelope.ts'

let edge: Edge | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

test('an answer of the projection goes out unchanged, with where it comes from and how fresh it is', async () => {
  edge = await startEdge({})
  const answer = await call(edge.port, ASK)
  expect(answer.status).toBe(200)
  expect(answer.body).toBe('{"status":"success","data":{}}')
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-length': '30',
    'cache-control': 'no-store',
    'x-pullgate-source': 'projection',
    'x-pullgate-as-of': '2026-07-17T08:30:00.250Z',
    'x-pullgate-version': '7:104',
  })
  expect(answer.headers['x-pullgate-reason']).toBeUndefined()
  expect(answer.headers['age']).toBeUndefined()
})

test('a last known good 422 names its source, its reason and its age', async () => {
  const body = envelopeOf('student_discontinued', 'Left for Pune – ü')
  const { version: _, ...rest } = ANSWER
  const result: PullResult = {
    ...rest,
    status: 422,
    body,
    source: 'last-known-good',
    reason: 'store_unavailable',
    ageSeconds: 61,
  }
  edge = await startEdge({ pull: async () => result })
  const answer = await call(edge.port, ASK)
  expect(answer).toMatchObject({ status: 422, body })
  expect(answer.headers).toMatchObject({
    'x-pullgate-source': 'last-known-good',
    'x-pullgate-reason': 'store_unavailable',
    age: '61',
  })
  expect(answer.headers['x-pullgate-version']).toBeUndefined()
})

test('a request id of the caller is kept where it is one, and another is made where it is not', async () => {
  edge = await startEdge({})
  const ids = ['a', 'x'.repeat(128), 'A.b_c-9', '', 'x'.repeat(129), 'a b', 'ä']
  const answers = await Promise.all(
    ids.map((id) => call(edge!.port, '/nowhere', { headers: { 'x-request-id': Buffer.from(id).toString('latin1') } })),
  )
  const given = answers.map((answer) => answer.headers['x-request-id'])
  expect(given.slice(0, 3)).toEqual(ids.slice(0, 3))
  expect(new Set(given).size).toBe(ids.length)
  for (const id of given.slice(3)) expect(id).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
})

test.each([
  '/',
  '/nowhere',
  '/fetch-student/',
  '//fetch-student',
  '/fetch-student/S-1',
  '/FETCH-STUDENT',
  '/fetch-student%2F',
  '/fetch-student%3Fidentifier=1',
  '/a/../fetch-student',
  `/${'a'.repeat(9_000)}`,
  '*',
])('the path %s is not known, with or without credentials', async (path) => {
  edge = await startEdge({})
  expectError(await call(edge.port, path, { headers: {} }), 'not_found')
  expectError(
    await call(edge.port, path, { method: 'POST', headers: { 'content-type': 'x/y' }, body: '{' }),
    'not_found',
  )
})

test.each([
  '/fetch%2Dstudent?identifier=S-1',
  '/%66etch-student?identifier=S-1',
  'http://erp.example/fetch-student?identifier=S-1',
])('the target %s is another way to write the pull path', async (path) => {
  edge = await startEdge({})
  expect((await call(edge.port, path)).status).toBe(200)
  expectError(await call(edge.port, path, { method: 'POST' }), 'method_not_allowed')
})

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'M-SEARCH'])(
  'the method %s is not allowed, which needs no credentials and no readable body',
  async (method) => {
    edge = await startEdge({})
    const body = method === 'TRACE' ? undefined : '{"a'
    const answer = await call(edge.port, ASK, {
      method,
      headers: { 'content-type': 'text/nonsense' },
      ...(body && { body }),
    })
    expectError(answer, 'method_not_allowed')
    expect(answer.headers['allow']).toBe('GET')
  },
)

test('HEAD is no GET: 405, with the headers of its envelope and no body', async () => {
  edge = await startEdge({})
  const answer = await call(edge.port, ASK, { method: 'HEAD' })
  expect(answer).toMatchObject({ status: 405, body: '' })
  expect(answer.headers['allow']).toBe('GET')
  expect(answer.headers['content-length']).toBe(String(envelopeOf('method_not_allowed').length))
})

test.each<[string, Record<string, string>]>([
  ['none', {}],
  ['another scheme', { authorization: 'Bearer abc' }],
  ['no base64', { authorization: 'Basic !!!' }],
  ['no colon', { authorization: `Basic ${btoa('jodo')}` }],
  ['a wrong secret', { authorization: basic('jodo', 'wrong') }],
  ['an empty secret', { authorization: basic('jodo', '') }],
  ['another client’s secret', { authorization: basic('jodo', 'b-secret') }],
  ['an unknown user', { authorization: basic('nobody', 'correct horse') }],
  ['a user name of Object.prototype', { authorization: basic('__proto__', 'x') }],
])('credentials that are %s are 401 with a challenge', async (_, headers) => {
  edge = await startEdge({})
  const answer = await call(edge.port, ASK, { headers })
  expectError(answer, 'unauthorized')
  expect(answer.headers['www-authenticate']).toBe('Basic realm="pullgate", charset="UTF-8"')
})

test('every secret of a client opens, for rotation', async () => {
  edge = await startEdge({})
  for (const secret of ['correct horse', 'next horse', 'correct horse']) {
    expect((await call(edge.port, ASK, { headers: { authorization: basic('jodo', secret) } })).status).toBe(200)
  }
})

test('over its limit a client gets 429 and when to come back, before anything else of its request is looked at', async () => {
  edge = await startEdge({})
  const headers = { authorization: basic('slow', 's-secret'), accept: 'text/html' }
  const answers = [await call(edge.port, ASK, { headers }), await call(edge.port, ASK, { headers })]
  expect(answers.map((answer) => answer.status)).toEqual([406, 406])
  const over = await call(edge.port, '/fetch-student', { headers })
  expectError(over, 'rate_limited')
  expect(over.headers['retry-after']).toBe('1')
  expect((await call(edge.port, ASK)).status).toBe(200)
})

test('406 comes before 400, and 400 before 403', async () => {
  edge = await startEdge({})
  const ask = (path: string, headers: Record<string, string>) =>
    call(edge!.port, path, { headers: { authorization: BRANCH_CLIENT, ...headers } })
  expectError(await ask('/fetch-student', { accept: 'text/html' }), 'not_acceptable')
  expectError(
    await ask('/fetch-student?collector_code=PNQ', {}),
    'invalid_request',
    'identifier or custom_identifier is required.',
  )
  expectError(await ask(`${ASK}&collector_code=PNQ`, {}), 'forbidden')
})
