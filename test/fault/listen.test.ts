import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { listenFailure } from '../../src/cli/listen-failure.ts'
import { portOwner } from '../../src/cli/port-owner.ts'
import { configOf } from '../integration/http-edge.ts'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { openProgram, type Program } from '../support/program.ts'

let taken: Server
let port: number
beforeEach(async () => {
  taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  port = (taken.address() as { port: number }).port
})
afterEach(() => void taken.close())

describe('a start that cannot listen', () => {
  let embedded: EmbeddedProgram
  beforeEach(async () => {
    embedded = await embeddedProgram()
  })
  afterEach(() => embedded.close())

  it.each(['PORT', 'METRICS_PORT'])('on %s ends with 1 and one line, and lets go of the file', async (variable) => {
    const { code, stderr } = await embedded.program.run(['all'], '', { [variable]: String(port) })
    const lines = stderr.split('\n').filter((line) => line.includes('cannot listen'))
    expect([code, lines]).toEqual([1, [expect.stringContaining(`127.0.0.1:${port}: the port is taken`)]])
    expect(lines[0]).toContain(`pid ${process.pid}`)
    expect(lines[0]).toContain(`set ${variable} `)
    const next = await embedded.program.start('all')
    expect(await next.stop()).toBe(0)
  })
})

describe('a role that cannot listen, whose log and store hang', () => {
  /** Takes connections and never answers. */
  let hanging: Server
  let program: Program
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    hanging = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const at = `127.0.0.1:${(hanging.address() as { port: number }).port}`
    const config = 'policy: { balance_basis: net_of_direct, paid_instalments: omit }\nclients: []\n'
    program = await openProgram({ brokers: at, redisUrl: `redis://${at}`, config })
  })
  afterAll(async () => {
    await program.close()
    for (const socket of sockets) socket.destroy()
    hanging.close()
  })

  it.each([
    ['gateway', 'PORT'],
    ['gateway', 'METRICS_PORT'],
    ['projector', 'METRICS_PORT'],
    ['all', 'PORT'],
    ['all', 'METRICS_PORT'],
  ])('%s on %s ends with 1 and one line', async (role, variable) => {
    const { code, stderr } = await program.run([role], '', { PORT: '0', METRICS_PORT: '0', [variable]: String(port) })
    const lines = stderr.split('\n').filter((line) => line.includes('cannot listen'))
    expect([code, lines]).toEqual([1, [expect.stringContaining(`127.0.0.1:${port}: the port is taken by`)]])
    expect(lines[0]).toContain(`set ${variable} `)
  })

  it.each(['gateway', 'projector', 'all'] as const)('%s that does listen ends with 0 on SIGTERM', async (role) => {
    const running = await program.start(role)
    expect(await running.stop()).toBe(0)
  })
})

test('the owner of a port is named where it can be seen', async () => {
  expect(portOwner(port)).toMatch(new RegExp(`, pid ${process.pid}$`))
  taken.close()
  await once(taken, 'close')
  expect(portOwner(port)).toBeNull()
})

test.each([
  ['EACCES', /this user may not; set METRICS_PORT/],
  ['EADDRNOTAVAIL', /does not have that address; set METRICS_HOST/],
  ['EOTHER', /EOTHER/],
])('%s says what to change', (code, words) => {
  const { http } = configOf()
  const error = Object.assign(new Error('x'), { syscall: 'listen', code, port: http.metrics_port })
  expect((listenFailure(error, { http: { ...http, port: 1 } }) as Error).message).toMatch(words)
})

test('another error stays what it is', () => {
  const error = new Error('a bug')
  expect(listenFailure(error, configOf())).toBe(error)
})
