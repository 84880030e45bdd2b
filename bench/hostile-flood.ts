import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { constants, setPriority } from 'node:os'
import { hostileMebibytes } from '../test/support/hostile-mebibytes.ts'

/**
 * One client that sends what it likes on 100 connections, to a port of this machine, for some seconds: a child of
 * bench/hostile-client.ts. Each connection sends its next bytes when it was answered. Prints the number of answers.
 *
 *     node bench/hostile-flood.ts KIND PORT SECONDS      HOSTILE_AUTH: its Authorization header
 */

/** A hostile client has a machine of its own: its work must not take the CPU of what is measured. */
setPriority(constants.priority.PRIORITY_LOW)

const [kind = '', port = '', seconds = ''] = process.argv.slice(2)
const CONNECTIONS = 100
const auth = process.env['HOSTILE_AUTH'] ?? ''

const request = (line: string, headers: readonly string[], body: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([
    Buffer.from(`${line} HTTP/1.1\r\nHost: x\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`),
    body,
  ])
const post = (headers: readonly string[], body: Uint8Array): Buffer =>
  request(
    'POST /events',
    [`Content-Length: ${body.length}`, 'Content-Type: application/cloudevents+json', ...headers],
    body,
  )
const get = (authorization: string): Buffer =>
  request('GET /fetch-student?identifier=S-1', [`Authorization: ${authorization}`])
const wrong = (): string => `Basic ${Buffer.from(`partner:${randomBytes(9).toString('base64url')}`).toString('base64')}`
const mebibytes = hostileMebibytes().map(({ value }) => value)
let turn = 0
const nextMebibyte = (): Buffer => mebibytes[turn++ % mebibytes.length]! as Buffer
const nothing = Buffer.alloc(4096, '{}')

/** The bytes of a connection's next turn. */
const KINDS: Readonly<Record<string, () => Buffer>> = {
  'valid pulls': () => get(auth),
  'pipelined pulls': () => Buffer.concat(Array(50).fill(get(auth))),
  'pulls without credentials': () => request('GET /fetch-student?identifier=S-1', []),
  'wrong passwords': () => get(wrong()),
  'events of 1 MiB': () => post([`Authorization: ${auth}`], nextMebibyte()),
  'forged signatures of 1 MiB': () => post(['X-Frappe-Webhook-Signature: AAAA'], nextMebibyte()),
  'forged signatures': () => post(['X-Frappe-Webhook-Signature: AAAA'], nothing),
  'bodies that stall': () => post([`Authorization: ${auth}`, 'X-Stalled: 1'], Buffer.alloc(1)).subarray(0, -1),
  'headers that stall': () => Buffer.from('GET /fetch-student HTTP/1.1\r\nX: '),
}

const next = KINDS[kind]
if (next === undefined) throw new Error(`one of ${Object.keys(KINDS).join(', ')}`)
let answers = 0
const until = performance.now() + Number(seconds) * 1000
const open = (): void => {
  if (performance.now() > until) return
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(next()))
  socket.on('data', (chunk) => {
    answers += 1
    if (performance.now() > until) socket.destroy()
    else if (chunk.includes('HTTP/1.1')) socket.write(next())
  })
  socket.on('error', () => {})
  // A refused client comes again, but not in a loop without a pause.
  socket.on('close', () => setTimeout(open, 10))
  setTimeout(() => socket.destroy(), until - performance.now() + 200)
}
for (let connection = 0; connection < CONNECTIONS; connection += 1) open()
setTimeout(
  () => {
    process.stdout.write(`${answers}\n`)
    process.exit(0)
  },
  Number(seconds) * 1000 + 500,
)
