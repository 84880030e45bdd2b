import { afterEach, expect, test } from 'vitest'
import { errors } from '../../src/errors.ts'
import type { PullQuery, PullResult, Scope } from '../../src/pull/port.ts'
import {
  ANSWER,
  type Answer,
  BRANCH_CLIENT,
  basic,
  call,
  configOf,
  type Edge,
  PUBLISHER,
  startEdge,
} from './http-edge.ts'

let edge: Edge | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

const ASK = '/fetch-student?identifier=S-1'
const envelopeOf = (code: keyof typeof errors, message: string = errors[code].message) =>
  `{"status":"error","message":${JSON.stringify(message)},"code":"${code}"}`

const expectError = (answer: Answer, code: keyof typeof errors, message?: string) => {
  expect(answer.body).toBe(envelopeOf(code, message))
  expect(answer.status).toBe(errors[code].status)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/^[A-Za-z0-9._-]{1,128}$/),
  })
  expect(answer.headers['x-pullgate-source']).toBeUndefined()
}

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

test('a client without branches has no pulls, one of some branches names none or one of its own', async () => {
  const asked: [PullQuery, Scope][] = []
  edge = await startEdge({
    pull: async (query, scope) => {
      asked.push([query, scope])
      return ANSWER
    },
  })
  expectError(await call(edge.port, ASK, { headers: { authorization: PUBLISHER } }), 'forbidden')
  for (const path of [ASK, `${ASK}&collector_code=BLR-01`, `${ASK}&collector_code=007`]) {
    expect((await call(edge.port, path, { headers: { authorization: BRANCH_CLIENT } })).status).toBe(200)
  }
  expectError(
    await call(edge.port, `${ASK}&collector_code=7`, { headers: { authorization: BRANCH_CLIENT } }),
    'forbidden',
  )
  expect(asked.map(([query]) => query.collector_code)).toEqual([undefined, 'BLR-01', '007'])
  expect(asked[0]![1]).toEqual(new Set(['BLR-01', '007']))
})

test.each<[PullResult, keyof typeof errors, string | undefined]>([
  [{ kind: 'failure', code: 'forbidden' }, 'forbidden', undefined],
  [{ kind: 'failure', code: 'erp_bad_response', reason: 'miss' }, 'erp_bad_response', undefined],
  [{ kind: 'failure', code: 'temporarily_unavailable', retryAfterSeconds: 7 }, 'temporarily_unavailable', '7'],
  [{ kind: 'failure', code: 'temporarily_unavailable' }, 'temporarily_unavailable', '1'],
])('the failure %o has its own answer', async (result, code, retryAfter) => {
  edge = await startEdge({ pull: async () => result })
  const answer = await call(edge.port, ASK)
  expectError(answer, code)
  expect(answer.headers['retry-after']).toBe(retryAfter)
})

test.each([
  ['rejects', () => Promise.reject(new TypeError('S-1 has no fees'))],
  [
    'throws',
    () => {
      throw new TypeError('S-1 has no fees')
    },
  ],
])('a pull that %s is a 500 without details, and no identifier in the log', async (_, pull) => {
  edge = await startEdge({ pull })
  const answer = await call(edge.port, ASK, {
    headers: { authorization: basic('jodo', 'correct horse'), 'x-request-id': 'r-1' },
  })
  expectError(answer, 'internal_error')
  expect(edge.logged()).toContain('"requestId":"r-1"')
  expect(edge.logged()).toContain('TypeError')
  expect(edge.logged()).not.toMatch(/S-1|horse|Basic/)
})

test('a pull that does not keep its deadline is answered within it', async () => {
  const late = Promise.withResolvers<PullResult>()
  edge = await startEdge({ config: configOf({ deadlineMs: 2_000 }), pull: () => late.promise })
  const ask = async (): Promise<number> => {
    const began = performance.now()
    expectError(await call(edge!.port, ASK), 'temporarily_unavailable')
    return performance.now() - began
  }
  // On a machine that is busy elsewhere all three may be late by as much.
  expect(Math.min(...(await Promise.all([ask(), ask(), ask()])))).toBeLessThan(2_000 + 5_000)
  late.resolve(ANSWER)
  expect(await edge.metrics.render()).toContain('pullgate_pull_duration_seconds_count{source="none",code="503"} 3')
})

test('beyond the bound of pulls in progress one is shed with 503, and those in progress are answered', async () => {
  const held: ((result: PullResult) => void)[] = []
  edge = await startEdge({
    limits: { maxPullsInProgress: 2 },
    pull: () => new Promise((resolve) => held.push(resolve)),
  })
  const first = [call(edge.port, ASK), call(edge.port, ASK)]
  await expect.poll(() => held.length).toBe(2)
  const shed = await call(edge.port, ASK)
  expectError(shed, 'temporarily_unavailable')
  expect(shed.headers['retry-after']).toBe('1')
  for (const resolve of held) resolve(ANSWER)
  expect((await Promise.all(first)).map((answer) => answer.status)).toEqual([200, 200])
  const again = call(edge.port, ASK)
  await expect.poll(() => held.length).toBe(3)
  held[2]!(ANSWER)
  expect((await again).status).toBe(200)
})
