import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { errors } from '../../src/errors.ts'
import type { PullResult } from '../../src/pull/port.ts'
import { ANSWER, call, type Edge, exchangeRaw, JODO, parseRaw, startEdge } from './http-edge.ts'

let edge: Edge | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await edge?.close()
  edge = undefined
})

const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: ${JODO}\r\n${more}\r\n`
const ASK = '/fetch-student?identifier='
const CLOSE = 'Connection: close\r\n'

const open = (
  port: number,
): { readonly socket: Socket; readonly received: () => string; readonly closed: Promise<void> } => {
  let text = ''
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', () => {})
  return { socket, received: () => text, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
}

test.each<[string, string, keyof typeof errors]>([
  ['no HTTP', 'hello\r\n\r\n', 'invalid_request'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'invalid_request'],
  ['a byte beyond ASCII in the query', get(`${ASK}\xc3\xa9`), 'invalid_request'],
  ['a space in the target', get(`${ASK}a b`), 'invalid_request'],
  ['a broken header', get(`${ASK}1`, 'Bad Header: x\r\n'), 'invalid_request'],
  ['two lengths', get(`${ASK}1`, 'Content-Length: 1\r\nContent-Length: 2\r\n'), 'invalid_request'],
  ['length and chunks', get(`${ASK}1`, 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 'invalid_request'],
  ['an unknown version', `GET ${ASK}1 HTTP/3.7\r\n\r\n`, 'invalid_request'],
  ['a percent sign without digits in the path', get('/%zz', CLOSE), 'invalid_request'],
  ['a path that is not UTF-8', get('/%ff', CLOSE), 'invalid_request'],
  ['headers over 16 KiB', get(`${ASK}1`, `X: ${'x'.repeat(200_000)}\r\n`), 'headers_too_large'],
  ['a target over 16 KiB', get(`${ASK}${'x'.repeat(20_000)}`), 'headers_too_large'],
  ['no Host', `GET ${ASK}1 HTTP/1.1\r\nAuthorization: ${JODO}\r\n${CLOSE}\r\n`, 'invalid_request'],
  ['a method nobody knows', `BREW ${ASK}1 HTTP/1.1\r\nHost: x\r\n\r\n`, 'method_not_allowed'],
  ['a method nobody knows on an unknown path', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n', 'not_found'],
  ['CONNECT', 'CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n', 'not_found'],
])('%s is answered in the envelope, and the connection ends', async (_, bytes, code) => {
  edge = await startEdge({})
  const answers = parseRaw(await exchangeRaw(edge.port, bytes))
  expect(answers).toHaveLength(1)
  const [{ status, headers, body }] = answers as [(typeof answers)[0]]
  expect(status).toBe(errors[code].status)
  expect(JSON.parse(body)).toEqual({ status: 'error', message: expect.any(String), code })
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/^[\w.-]+$/),
    connection: 'close',
  })
  if (code === 'method_not_allowed') expect(headers['allow']).toBe('GET')
  expect((await call(edge.port, `${ASK}1`)).status).toBe(200)
})

test.each<[string, string]>([
  ['HTTP/1.0 without Host', `GET ${ASK}1 HTTP/1.0\r\nAuthorization: ${JODO}\r\n\r\n`],
  ['an absolute target', get(`http://x${ASK}1`, CLOSE)],
  ['an unknown expectation', get(`${ASK}1`, `Expect: tea\r\n${CLOSE}`)],
  ['an upgrade nobody wants', get(`${ASK}1`, 'Upgrade: h2c\r\nConnection: upgrade, close\r\n')],
  ['a body nobody reads', `${get(`${ASK}1`, `Content-Length: 5\r\n${CLOSE}`)}hello`],
  ['the scheme in capitals', get(`${ASK}1`, CLOSE).replace('Basic', 'BASIC')],
])('%s is a pull like any other', async (_, bytes) => {
  edge = await startEdge({})
  const answers = parseRaw(await exchangeRaw(edge.port, bytes))
  expect(answers.map((answer) => answer.status)).toEqual([200])
})

test('pipelined requests are answered in their order, and bytes that are no request after them', async () => {
  const held = new Map<string, (result: PullResult) => void>()
  edge = await startEdge({ pull: ({ identifier }) => new Promise((resolve) => held.set(identifier!, resolve)) })
  const text = exchangeRaw(edge.port, `${get(`${ASK}a`)}${get(`${ASK}b`)}garbage\r\n\r\n`)
  await expect.poll(() => held.size).toBe(2)
  held.get('b')!({ ...ANSWER, body: '"b"' })
  await new Promise((resolve) => setImmediate(resolve))
  held.get('a')!({ ...ANSWER, body: '"a"' })
  const answers = parseRaw(await text)
  expect(answers.map((answer) => answer.body).slice(0, 2)).toEqual(['"a"', '"b"'])
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 400])
})

test('two hundred pipelined requests are two hundred answers', async () => {
  edge = await startEdge({ pull: async ({ identifier }) => ({ ...ANSWER, body: JSON.stringify(identifier) }) })
  const all = Array.from({ length: 200 }, (_, i) => get(`${ASK}${i}`, i === 199 ? CLOSE : '')).join('')
  const bodies = parseRaw(await exchangeRaw(edge.port, all)).map((answer) => answer.body)
  expect(bodies).toEqual(Array.from({ length: 200 }, (_, i) => `"${i}"`))
})

test('of pipelined pulls two are in progress at once, and all are answered in their order', async () => {
  const held = new Map<string, (result: PullResult) => void>()
  edge = await startEdge({ pull: ({ identifier }) => new Promise((resolve) => held.set(identifier!, resolve)) })
  const names = ['a', 'b', 'c', 'd', 'e']
  const text = exchangeRaw(edge.port, names.map((name) => get(`${ASK}${name}`, name === 'e' ? CLOSE : '')).join(''))
  for (const name of names) {
    await expect.poll(() => held.has(name)).toBe(true)
    expect(held.size).toBeLessThanOrEqual(names.indexOf(name) + 2)
    held.get(name)!({ ...ANSWER, body: JSON.stringify(name) })
  }
  expect(parseRaw(await text).map((answer) => answer.body)).toEqual(names.map((name) => JSON.stringify(name)))
})

test('pipelined pulls that are answered at once do not run in one turn of the event loop', async () => {
  let turn = 0
  let running = true
  const count = () => {
    turn += 1
    if (running) setImmediate(count)
  }
  const ofTurn = new Map<number, number>()
  edge = await startEdge({
    pull: async () => {
      ofTurn.set(turn, (ofTurn.get(turn) ?? 0) + 1)
      return ANSWER
    },
  })
  count()
  const all = Array.from({ length: 200 }, (_, i) => get(`${ASK}${i}`, i === 199 ? CLOSE : '')).join('')
  expect(parseRaw(await exchangeRaw(edge.port, all))).toHaveLength(200)
  running = false
  expect(Math.max(...ofTurn.values())).toBeLessThanOrEqual(4)
})

test('a broken body is answered once: where the answer is out, by closing', async () => {
  edge = await startEdge({})
  const chunked = get(`${ASK}1`, 'Transfer-Encoding: chunked\r\n')
  const { socket, received, closed } = open(edge.port)
  socket.write(chunked)
  await expect.poll(received).toContain('"success"')
  socket.write('zz\r\n')
  await closed
  expect(parseRaw(received()).map((answer) => answer.status)).toEqual([200])
})

test.each([
  ['nothing', '', 1],
  ['a header a byte at a time', `GET ${ASK}1 HTTP/1.1\r\nHost: x\r\nX-Slow: `, 1],
])('a peer that sends %s gets 408 and a closed socket', async (_, bytes) => {
  edge = await startEdge({ limits: { headersTimeoutMs: 150, requestTimeoutMs: 300, timeoutCheckMs: 50 } })
  const { socket, received, closed } = open(edge.port)
  socket.write(bytes)
  const drip = setInterval(() => bytes !== '' && socket.writable && socket.write('x'), 20)
  await closed
  clearInterval(drip)
  const [answer] = parseRaw(received())
  expect(answer).toMatchObject({ status: 408, headers: { connection: 'close' } })
  expect(JSON.parse(answer!.body).code).toBe('request_timeout')
})

test('an idle connection is kept for the next request and closed when it stays idle', async () => {
  edge = await startEdge({ limits: { keepAliveMs: 100 } })
  const { socket, received, closed } = open(edge.port)
  socket.write(get(`${ASK}1`))
  await expect.poll(received).toContain('"success"')
  socket.write(get(`${ASK}2`))
  await closed
  expect(parseRaw(received()).map((answer) => answer.status)).toEqual([200, 200])
})

test('connections beyond the bound are closed, and those before it are served', async () => {
  edge = await startEdge({ limits: { maxConnections: 2 } })
  const kept = [open(edge.port), open(edge.port)]
  for (const { socket } of kept) socket.write(get(`${ASK}1`))
  for (const { received } of kept) await expect.poll(received).toContain('"success"')
  await open(edge.port).closed
  kept[0]!.socket.write(get(`${ASK}1`))
  await expect.poll(() => kept[0]!.received().split('"success"').length).toBe(3)
})

test('a partner that hangs up does not stop the pull nor harm the next one', async () => {
  const held: ((result: PullResult) => void)[] = []
  edge = await startEdge({ pull: () => new Promise((resolve) => held.push(resolve)) })
  const { socket, closed } = open(edge.port)
  socket.write(get(`${ASK}1`))
  await expect.poll(() => held.length).toBe(1)
  socket.destroy()
  await closed
  held[0]!(ANSWER)
  const next = call(edge.port, `${ASK}2`)
  await expect.poll(() => held.length).toBe(2)
  held[1]!(ANSWER)
  expect((await next).status).toBe(200)
  expect(edge.logged()).not.toContain('"level":"error"')
})

test('closing answers what is in progress, ends its connection, and takes nothing new', async () => {
  const held: ((result: PullResult) => void)[] = []
  edge = await startEdge({ pull: () => new Promise((resolve) => held.push(resolve)) })
  const idle = open(edge.port)
  const busy = open(edge.port)
  busy.socket.write(get(`${ASK}1`))
  await expect.poll(() => held.length).toBe(1)
  const closing = edge.close()
  await idle.closed
  await expect(call(edge.port, `${ASK}1`)).rejects.toThrow()
  held[0]!(ANSWER)
  await busy.closed
  await closing
  const [answer] = parseRaw(busy.received())
  expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } })
  edge = undefined
})

test('what is still open after the drain time is closed', async () => {
  edge = await startEdge({ limits: { drainMs: 100 }, pull: () => new Promise(() => {}) })
  const { socket, closed } = open(edge.port)
  socket.write(get(`${ASK}1`))
  await expect.poll(() => edge!.metrics.render()).toContain('pullgate_pulls_in_progress 1')
  await edge.close()
  await closed
  edge = undefined
})
