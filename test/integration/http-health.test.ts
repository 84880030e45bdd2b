import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { PullResult } from '../../src/pull/port.ts'
import { until } from '../support/until.ts'
import { ANSWER, call, type Edge, exchangeRaw, JODO, parseRaw, startEdge } from './http-edge.ts'

let edge: Edge | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

test.each(['GET', 'HEAD'])('%s /healthz says 200 to a load balancer, without credentials', async (method) => {
  edge = await startEdge({})
  const answer = await call(edge.port, '/healthz?x', { method, headers: {} })
  expect([answer.status, answer.body]).toEqual([200, method === 'GET' ? '{"status":"ok"}' : ''])
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-request-id': expect.any(String) })
})

test.each(['POST', 'PUT', 'OPTIONS', 'FROB'])('%s /healthz is not allowed', async (method) => {
  edge = await startEdge({})
  const text = await exchangeRaw(edge.port, `${method} /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  const [answer] = parseRaw(text)
  expect([answer!.status, answer!.headers['allow']]).toEqual([405, 'GET, HEAD'])
})

test('while it drains, new connections are taken, and told so: 503', async () => {
  const slow = Promise.withResolvers<PullResult>()
  let asked = 0
  const pull = () => {
    asked += 1
    return slow.promise
  }
  edge = await startEdge({ pull, limits: { lameDuckMs: 10_000 } })
  const under = call(edge.port, '/fetch-student?identifier=S-1')
  await until('the pull', () => asked === 1)
  const closing = edge.close()
  for (const method of ['GET', 'HEAD']) {
    const answer = await call(edge.port, '/healthz', { method, headers: {} })
    expect([answer.status, answer.headers['retry-after'], answer.headers['connection']]).toEqual([503, '1', 'close'])
    expect(answer.headers['x-pullgate-reason']).toBe('draining')
  }
  slow.resolve(ANSWER)
  expect((await under).status).toBe(200)
  await closing
  edge = undefined
})

test.each([
  [86_400, '60'],
  [0, '1'],
  [7, '7'],
])('Retry-After is 1 to 60 whatever an ERP asks for: %i', async (retryAfterSeconds, told) => {
  edge = await startEdge({
    pull: async () => ({ kind: 'failure', code: 'temporarily_unavailable', reason: 'miss', retryAfterSeconds }),
  })
  const { status, headers } = await call(edge.port, '/fetch-student?identifier=S-1', {
    headers: { authorization: JODO },
  })
  expect([status, headers['retry-after'], headers['x-pullgate-reason']]).toEqual([503, told, 'miss'])
})

test('a connection that says nothing keeps no drain up', async () => {
  edge = await startEdge({ limits: { lameDuckMs: 10_000 } })
  const socket = connect(edge.port, '127.0.0.1')
  await once(socket, 'connect')
  const began = performance.now()
  await edge.close()
  edge = undefined
  expect(performance.now() - began).toBeLessThan(5_000)
})
