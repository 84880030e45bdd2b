import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { hashSecret } from '../../src/config/secret.ts'
import { until } from '../support/until.ts'
import { basic, call, cheapHash, configOf, type Edge, exchangeRaw, JODO, parseRaw, startEdge } from './http-edge.ts'

let edge: Edge | undefined
const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  await edge?.close()
  edge = undefined
})

const ASK = '/fetch-student?identifier=S-1'
const status = async (authorization: string) => (await call(edge!.port, ASK, { headers: { authorization } })).status
const client = (username: string, ...secrets: readonly string[]) =>
  `\n  - { username: "${username}", secrets: ${JSON.stringify(secrets)}, branches: all }`

/** Requests one after another on one connection. */
const onOneConnection = (port: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agents.push(agent)
  const seen = new Set<unknown>()
  const ask = (authorization: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: ASK, agent, headers: { authorization } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
      sent.on('socket', (socket) => seen.add(socket))
      sent.on('error', reject).end()
    })
  return { ask, connections: () => seen.size }
}

test('credentials count for each request anew, not for the connection', async () => {
  edge = await startEdge({})
  const { ask, connections } = onOneConnection(edge.port)
  const wrong = basic('jodo', 'correct hors_')
  const asked = [JODO, wrong, JODO, basic('branch', 'b-secret'), basic('nobody', 'x'), JODO, 'Basic', JODO]
  const seen: number[] = []
  for (const authorization of asked) seen.push(await ask(authorization))
  expect(seen).toEqual([200, 401, 200, 200, 401, 200, 401, 200])
  expect(connections()).toBe(1)
})

test.each(['Basic  ', 'bAsIc ', 'Basic   '])('%j is the scheme with its spaces', async (scheme) => {
  edge = await startEdge({})
  expect(await status(JODO.replace('Basic ', scheme))).toBe(200)
  expect(await status(basic('jodo', 'no').replace('Basic ', scheme))).toBe(401)
})

test.each(['Basic', 'Basic:', 'Bearer '])('%j is not', async (scheme) => {
  edge = await startEdge({})
  expect(await status(JODO.replace('Basic ', scheme))).toBe(401)
})

test('pipelined requests with different credentials do not borrow each other’s', async () => {
  edge = await startEdge({})
  const get = (authorization: string, more = '') =>
    `GET ${ASK}&collector_code=PNQ HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${more}\r\n`
  const branch = basic('branch', 'b-secret')
  const bytes = `${get(branch)}${get(JODO)}${get(basic('jodo', 'no'))}${get(branch)}${get(JODO, 'Connection: close\r\n')}`
  const answers = parseRaw(await exchangeRaw(edge.port, bytes))
  expect(answers.map((answer) => answer.status)).toEqual([403, 200, 401, 403, 200])
})

test('reloaded clients count at once, on connections that were let in before too', async () => {
  const [old, other] = [cheapHash('old'), cheapHash('new')]
  edge = await startEdge({ config: configOf({ clients: client('jodo', old) }) })
  const { ask } = onOneConnection(edge.port)
  expect(await ask(basic('jodo', 'old'))).toBe(200)
  edge.live.replace(configOf({ clients: client('jodo', old, other) }))
  expect([await ask(basic('jodo', 'old')), await ask(basic('jodo', 'new'))]).toEqual([200, 200])
  edge.live.replace(configOf({ clients: client('jodo', other) }))
  expect([await ask(basic('jodo', 'old')), await ask(basic('jodo', 'new'))]).toEqual([401, 200])
  edge.live.replace(configOf({ clients: '[]' }))
  expect(await ask(basic('jodo', 'new'))).toBe(401)
})

test('a verification that a reload overtakes is made again with the new clients', async () => {
  const secret = await hashSecret('x')
  edge = await startEdge({ config: configOf({ clients: client('jodo', secret) }) })
  const asked = status(basic('jodo', 'x'))
  const { live } = edge
  setImmediate(() => live.replace(configOf({ clients: client('jodo', cheapHash('y')) })))
  expect(await asked).toBe(401)
})

test('a hundred connections with the same good credentials at once share one verification', async () => {
  const secret = await hashSecret('x')
  edge = await startEdge({ config: configOf({ clients: client('jodo', secret) }) })
  const began = performance.now()
  await status(basic('jodo', 'x'))
  const oneMs = performance.now() - began
  edge.live.replace(configOf({ clients: client('jodo', await hashSecret('x')) }))
  const again = performance.now()
  const all = await Promise.all(Array.from({ length: 100 }, () => status(basic('jodo', 'x'))))
  expect(new Set(all)).toEqual(new Set([200]))
  expect(performance.now() - again).toBeLessThan(20 * oneMs)
})

test('guessing is throttled per address, and those who are known go on', async () => {
  edge = await startEdge({})
  expect(await status(JODO)).toBe(200)
  const guesses: number[] = []
  for (let i = 0; i < 60; i++) guesses.push(await status(basic('jodo', `guess ${i}`)))
  expect(guesses.slice(0, 50)).toEqual(Array(50).fill(401))
  expect(guesses.slice(55)).toEqual(Array(5).fill(429))
  const refused = await call(edge.port, ASK, { headers: { authorization: basic('jodo', 'again') } })
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
  expect(JSON.parse(refused.body).code).toBe('rate_limited')
  expect(await status(JODO)).toBe(200)
  expect(await status(basic('branch', 'b-secret'))).toBe(200)
})

test('many unknown names share one throttle', async () => {
  edge = await startEdge({})
  const names = await Promise.all(Array.from({ length: 60 }, (_, i) => status(basic(`nobody-${i}`, 'x'))))
  expect(names.filter((code) => code === 429).length).toBeGreaterThanOrEqual(5)
})

test('an unknown user takes as long as a wrong secret, with several secrets too', async () => {
  const secrets = [await hashSecret('a'), await hashSecret('b')]
  edge = await startEdge({ config: configOf({ clients: client('two', ...secrets) + client('one', secrets[0]!) }) })
  const times = new Map(['two', 'one', 'nobody'].map((username) => [username, [] as number[]]))
  // In turns, so that whatever else the machine does meets all three alike.
  for (let i = 0; i < 5; i++) {
    for (const [username, taken] of times) {
      const began = performance.now()
      expect(await status(basic(username, `no ${i}`))).toBe(401)
      taken.push(performance.now() - began)
    }
  }
  const [two, one, nobody] = [...times.values()].map((taken) => taken.sort((a, b) => a - b)[2]!) as [
    number,
    number,
    number,
  ]
  for (const ratio of [one / two, nobody / two]) {
    expect(ratio).toBeGreaterThan(0.6)
    expect(ratio).toBeLessThan(1.6)
  }
})

test('secrets are compared as UTF-8, and a user name ends at the first colon', async () => {
  edge = await startEdge({ config: configOf({ clients: client('schulé', cheapHash('pä:ss:wörd')) }) })
  expect(await status(basic('schulé', 'pä:ss:wörd'))).toBe(200)
  expect(await status(basic('schulé', 'pä:ss'))).toBe(401)
  expect(await status(`Basic ${Buffer.from('schulé:pä:ss:wörd', 'latin1').toString('base64')}`)).toBe(401)
})

test('new log-ins beyond the room for those that wait are answered with 503 and the reason', async () => {
  edge = await startEdge({ config: configOf({ clients: client('slow', await hashSecret('slow secret')) }) })
  const { port } = edge
  const answers: string[] = []
  const sockets = Array.from({ length: 1100 }, (_, index) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`GET ${ASK} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('slow', `guess ${index}`)}\r\n\r\n`)
    return socket.on('data', (chunk) => answers.push(String(chunk)))
  })
  try {
    const isBusy = (answer: string) => answer.includes('login_busy')
    await until('one that finds no room', () => answers.some(isBusy), 60_000)
    const answer = answers.find(isBusy)!
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toMatch(/\r\nX-Pullgate-Reason: login_busy\r\n/)
    expect(answer).toMatch(/\r\nRetry-After: \d+\r\n/)
    expect(answer).toContain('"code":"temporarily_unavailable"')
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}, 90_000)
