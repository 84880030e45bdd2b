import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { listenFailure } from '../../src/cli/listen-failure.ts'
import { portOwner } from '../../src/cli/port-owner.ts'
import { configOf } from '../integration/http-edge.ts'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'

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
