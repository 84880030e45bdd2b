import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { PullgateError } from '../../../src/errors.ts'
import { buildLog, identifierHasher, safeError } from '../../../src/logging.ts'

const capture = () => {
  const lines: string[] = []
  const log = buildLog({ level: 'info', destination: { write: (line) => lines.push(line) }, terminal: false })
  return { log, lines }
}

test('an error is logged without what it may quote', () => {
  const { log, lines } = capture()
  const redis = Object.assign(new Error('WRONGTYPE S-1'), {
    command: { name: 'set', args: ['S-1', '{"fullname":"A"}'] },
  })
  log.error({ err: new PullgateError('store_unavailable', 'no answer', { cause: redis }) }, 'gone')
  let json: unknown
  try {
    JSON.parse('{"fullname":"Asha"')
  } catch (error) {
    json = error
  }
  log.error({ err: json, error: new TypeError('S-1') }, 'bug')
  expect(lines.join()).not.toMatch(/S-1|fullname|Asha/)
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    msg: 'gone',
    err: { name: 'PullgateError', code: 'store_unavailable', message: 'no answer', cause: { name: 'Error' } },
  })
  expect(JSON.parse(lines[1]!).err.frames.length).toBeGreaterThan(0)
})

test('an operating system error keeps its message', async () => {
  const error = await new Promise((resolve) => connect(1, '127.0.0.1').once('error', resolve))
  expect(safeError(error)).toMatchObject({ code: 'ECONNREFUSED', message: expect.stringContaining('ECONNREFUSED') })
})

test('what was thrown may be anything, and causes may be a ring', () => {
  const ring = new Error('a')
  ring.cause = ring
  expect(JSON.stringify(safeError(ring)).length).toBeLessThan(20_000)
  expect([safeError('S-1'), safeError(null), safeError(undefined)]).toEqual([
    { name: 'string' },
    { name: 'object' },
    { name: 'undefined' },
  ])
})

test('credentials, bodies and identifiers are hidden wherever they stand', () => {
  const { log, lines } = capture()
  log.info({
    req: { headers: { authorization: 'Basic x' } },
    authorization: 'Basic x',
    client: { password: 'hunter2' },
    identifier: 'S-1',
    body: 'B-1',
  })
  expect(lines[0]).not.toMatch(/Basic|hunter2|S-1|B-1/)
})

test('a person at a terminal reads lines instead', async () => {
  const terminal = new PassThrough({ encoding: 'utf8' })
  let text = ''
  terminal.on('data', (chunk: string) => {
    text += chunk
  })
  const log = buildLog({ level: 'info', destination: terminal, terminal: true })
  log.info({ port: 1 }, 'listening')
  await expect.poll(() => text).toContain('listening')
  expect(text).not.toContain('{"level"')
  log.info({ detail: 'at\u001b[2J\u009b1A' }, 'poison\r\u001b[1A of\u202e S-1')
  await expect.poll(() => text).toContain('poison')
  expect(text).toContain('poison\\r\\u001b[1A of\\u202e S-1')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  expect(text.replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('an identifier’s hash is the same under one key and another under another', () => {
  const hash = identifierHasher(Buffer.alloc(32, 1))
  expect(hash('S-1')).toBe(hash('S-1'))
  expect(hash('S-1')).not.toBe(hash('S-2'))
  expect(hash('S-1')).not.toBe(identifierHasher(Buffer.alloc(32, 2))('S-1'))
  expect(hash('S-1')).toMatch(/^[\w-]{16}$/)
})
