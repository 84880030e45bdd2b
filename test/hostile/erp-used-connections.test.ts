import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { erpConfig, testClient } from '../support/erp-client.ts'
import { studentBody } from '../support/fake-erp-students.ts'

/** What the ERP writes for the nth request (from 1) on one connection; `null` closes it. */
type Script = (identifier: string, nth: number) => string | null

const respond = (status: number, body: object): string => {
  const text = JSON.stringify(body)
  return `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}
const found = (identifier: string) => respond(200, studentBody({ identifier }))
const gone = respond(422, { status: 'error', message: 'x', code: 'student_not_found' })
const unclear = respond(422, { status: 'error', message: 'x', code: 'data_error' })

let server: Server
let client: ReturnType<typeof testClient>
const sockets = new Set<Socket>()
/** How many requests came over each connection. */
let connections: number[] = []
afterEach(async () => {
  await client.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})

const play = async (script: Script, config: Parameters<typeof erpConfig>[1] = {}) => {
  connections = []
  server = createServer((socket) => {
    sockets.add(socket)
    const index = connections.push(0) - 1
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const nth = connections[index]! + 1
      connections[index] = nth
      const [, identifier = ''] = /identifier=([^& ]*)/.exec(data.toString('latin1')) ?? []
      const answer = script(identifier, nth)
      if (answer === null) socket.resetAndDestroy()
      else socket.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  client = testClient(erpConfig(`http://127.0.0.1:${port}/fetch-student`, { max_concurrent: 1, ...config }))
}

describe('a 422 on which the partner cancels a plan', () => {
  test('that is the second answer to the request before is not the next student’s', async () => {
    await play((identifier, nth) => (nth === 1 ? found(identifier) : gone))
    expect(await client.ask('S-1')).toMatchObject({ kind: 'answer', status: 200 })
    expect(await client.ask('S-2')).toMatchObject({ kind: 'answer', status: 200 })
    expect(connections).toEqual([2, 1])
  })

  test('that comes on a used connection counts when a fresh one says the same', async () => {
    await play((identifier) => (identifier === 'S-1' ? found(identifier) : gone))
    await client.ask('S-1')
    expect(await client.ask('S-2')).toMatchObject({ kind: 'answer', status: 422, code: 'student_not_found' })
    expect(connections).toEqual([2, 1])
  })

  test('that comes on a fresh connection is asked once', async () => {
    await play(() => gone)
    expect(await client.ask('S-1')).toMatchObject({ kind: 'answer', status: 422 })
    expect(connections).toEqual([1])
  })

  test.each([
    ['says nothing', ''],
    ['breaks', null],
    ['says 500', respond(500, {})],
    ['says nonsense', respond(200, {})],
  ])('is no answer where the fresh connection %s', async (_, answer) => {
    await play((identifier, nth) => (connections.length > 1 ? answer : nth === 1 ? found(identifier) : gone), {
      timeout_ms: 200,
    })
    await client.ask('S-1')
    expect((await client.ask('S-2')).kind).not.toBe('answer')
  })

  test('is another matter than a data_error, which cancels nothing and is asked once', async () => {
    await play((identifier) => (identifier === 'S-1' ? found(identifier) : unclear))
    await client.ask('S-1')
    expect(await client.ask('S-2')).toMatchObject({ kind: 'answer', code: 'data_error' })
    expect(connections).toEqual([2])
  })
})

test('a lookup whose answer cannot be compared with it never goes out on a used connection', async () => {
  await play((identifier, nth) => found(nth === 1 ? identifier : 'S-1'))
  await client.ask('S-1')
  const outcome = await client.fetch({ custom_identifier: 'C-2' }, 'jodo', performance.now() + 3_000)
  expect(outcome).toMatchObject({ kind: 'answer', status: 200 })
  expect(connections).toEqual([1, 1])
})

test('a used connection that breaks before an answer is no failure of the ERP', async () => {
  await play((identifier, nth) => (nth === 1 ? found(identifier) : null), { breaker: { volume: 2 } })
  for (let n = 0; n < 10; n++) expect(await client.ask(`S-${n}`)).toMatchObject({ kind: 'answer', status: 200 })
  expect(client.breakerState()).toBe('closed')
  expect(connections).toHaveLength(10)
})

test('a fresh connection that breaks is one', async () => {
  await play(() => null, { breaker: { volume: 4 } })
  expect(await client.ask('S-1')).toMatchObject({ kind: 'unavailable', cause: 'connection' })
  expect([connections, client.breakerState()]).toEqual([[1, 1, 1, 1], 'open'])
})
