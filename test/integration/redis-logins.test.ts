import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisConnection } from '../../src/redis/connection.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { until } from '../support/until.ts'

let folder: string
let redis: PrivateRedis
let operator: Redis

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pullgate-redis-login-'))
  redis = await privateRedis()
  operator = new Redis(redis.port)
})
afterAll(async () => {
  operator?.disconnect()
  await redis?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const write = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, `${text}\n`)
  return file
}

test('a rotated password needs no restart: its file is read at every connection', async () => {
  await operator.call('ACL', 'SETUSER', 'pullgate', 'on', '>first', '~*', '+@all')
  const password = write('password', 'first')
  const warnings: string[] = []
  const connection = redisConnection(
    {
      kind: 'single',
      host: '127.0.0.1',
      port: redis.port,
      username: { value: 'pullgate' },
      password: { file: password },
    },
    { deadlineMs: 1000, warn: (detail) => warnings.push(detail) },
  )
  await connection.whenReady(5000)

  await operator.call('ACL', 'SETUSER', 'pullgate', 'resetpass', '>second')
  await operator.call('CLIENT', 'KILL', 'USER', 'pullgate')
  await until('the former password to be refused', () => warnings.includes('WRONGPASS'))
  write('password', 'second')
  await until('the connection to be back', () =>
    connection
      .run((client) => client.ping())
      .then(
        () => true,
        () => false,
      ),
  )
  await connection.close()
})

test('a file that goes away is told, and the password that was read last is used', async () => {
  await operator.call('ACL', 'SETUSER', 'kept', 'on', '>first', '~*', '+@all')
  const password = write('kept', 'first')
  const warnings: string[] = []
  const connection = redisConnection(
    { kind: 'single', host: '127.0.0.1', port: redis.port, username: { value: 'kept' }, password: { file: password } },
    { deadlineMs: 1000, warn: (detail) => warnings.push(detail) },
  )
  await connection.whenReady(5000)
  rmSync(password)
  await operator.call('CLIENT', 'KILL', 'USER', 'kept')
  await until('the loss to be noticed', () => warnings.some((detail) => detail.includes('REDIS_PASSWORD_FILE')))
  await connection.whenReady(5000)
  expect(await connection.run((client) => client.ping())).toBe('PONG')
  await connection.close()
})
