import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
/** In the name, the address and the note of a broken event. The identifier stands in the erasure itself. */
const PERSON = 'Zzyzx-the-erased'
const ANSWERS = 'a-key-of-the-answers-for-a-test-only'

const student = (identifier: string) => ({
  identifier,
  grade: '5',
  academic_year_start: '2026',
  academic_year_end: '2027',
})
const events = (identifier: string, name: string, erase: boolean): string => {
  const said: readonly (readonly [string, object])[] = [
    [
      'erp.student.enrolled.v1',
      {
        fullname: name,
        new_admission: true,
        primary_contact_name: name,
        primary_contact_number: '9000000000',
        primary_contact_email: `${name}@example.edu`,
      },
    ],
    ['erp.fees.assessed.v1', { fee_components: [{ component_type: 'TUITION_FEE', amount: '700' }] }],
    ...(erase ? [['erp.student.erased.v1', {}] as const] : []),
  ]
  return said
    .map(([type, data], index) => {
      const identity = { id: `${identifier}-${index}`, source: '/erp/school', sequence: String(index + 1) }
      const time = `2026-06-01T10:0${index}:00Z`
      return `${JSON.stringify({ specversion: '1.0', ...identity, type, time, data: { student: student(identifier), ...data } })}\n`
    })
    .join('')
}

let kafka: Log
let redis: PrivateRedis
let folder: string
const programs: Program[] = []
const topics = { old: `test.old.${process.pid}`, next: `test.next.${process.pid}` }

beforeAll(async () => {
  kafka = openLog()
  // Else its dump would hide what it holds.
  redis = await privateRedis('--rdbcompression', 'no')
  folder = mkdtempSync(join(tmpdir(), 'pullgate-erase-'))
})
afterAll(async () => {
  await Promise.all(programs.map((program) => program.close()))
  await Promise.all([redis?.close(), kafka?.close()])
  rmSync(folder, { recursive: true, force: true })
})

const open = async (
  more: object,
  servers: { readonly brokers: string; readonly redisUrl: string },
): Promise<Program> => {
  const config = {
    policy: { balance_basis: 'payable', paid_instalments: 'zero' },
    clients: [{ username: 'jodo', secrets: [await hashSecret('one-secret')], branches: 'all' }],
    answers: { record: true, key: 'env:ANSWERS_KEY' },
    ...more,
  }
  const program = await openProgram({ ...servers, config: JSON.stringify(config), env: { ANSWERS_KEY: ANSWERS } })
  programs.push(program)
  return program
}
const pull = (running: Running, identifier: string): Promise<Response> =>
  fetch(`${running.url}/fetch-student?identifier=${identifier}`, {
    headers: { Authorization: `Basic ${Buffer.from('jodo:one-secret').toString('base64')}` },
  })
const must = async (program: Program, args: readonly string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await program.run(args, input)
  expect(code, stderr).toBe(0)
  return stdout
}
/**
 * Old log and new one, as the page says; the answer of somebody else stays the same. The backup is the new log's.
 *
 * @param spoil makes a dead letter of the person in the old log
 */
const moveOn = async (
  old: Program,
  next: Program,
  spoil: (running: Running) => Promise<void>,
): Promise<{ readonly backup: string; readonly said: string }> => {
  const all = events('S-1', PERSON, false) + events('S-2', 'Stays', false)
  await must(old, ['events', 'publish', '-'], all)
  const erasure = events('S-1', PERSON, true).trim().split('\n').at(-1)!
  const running = await old.start('all')
  await until('the projection to answer', async () => (await pull(running, 'S-2')).status === 200, 60_000)
  expect(await (await pull(running, 'S-1')).text()).toContain(PERSON)
  await spoil(running)
  await must(old, ['events', 'publish', '-'], `${erasure}\n`)
  const before = await (await pull(running, 'S-2')).text()
  await must(next, ['events', 'publish', '-'], await must(old, ['events', 'export', '--forget-erased']))
  const moved = await next.start('all')
  await until('the new projection to answer', async () => (await pull(moved, 'S-2')).status === 200, 60_000)
  expect(await (await pull(moved, 'S-2')).text()).toBe(before)
  const gone = await pull(moved, 'S-1')
  expect(gone.status).toBe(422)
  expect(await gone.text()).not.toContain(PERSON)
  const show = await next.run(['student', 'show', 'S-1'])
  const backup = await must(next, ['events', 'export'])
  await moved.stop()
  await running.stop()
  return { backup, said: moved.output() + running.output() + show.stdout + show.stderr }
}

/** Step 4 of the page, on Kafka and Redis. */
const removeOld = async (): Promise<void> => {
  const store = new Redis(redis.port, { db: 1 })
  expect(await store.dbsize()).toBeGreaterThan(0)
  await store.flushdb()
  store.disconnect()
  const gone = ['', '.dlq', '.answers'].map((suffix) => topics.old + suffix)
  const admin = new Kafka({ brokers: sharedBrokers().split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.deleteTopics({ topics: gone })
  await admin.disconnect()
  for (const topic of gone) await until(`${topic} to be gone`, async () => (await kafka.describe(topic)) === null)
}

test('on Kafka and Redis nothing of the person is in the new topics, the new Redis, the backup or the logs', async () => {
  const servers = { brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}/1` }
  const old = await open({ topic: { name: topics.old, partitions: PARTITIONS } }, servers)
  const target = { ...servers, redisUrl: `redis://127.0.0.1:${redis.port}/2` }
  const next = await open({ topic: { name: topics.next, partitions: PARTITIONS } }, target)
  for (const program of [old, next]) await must(program, ['topics'])
  const spoil = async (running: Running): Promise<void> => {
    const partition = partitionOf('S-1', PARTITIONS)
    const value = Buffer.from(JSON.stringify({ specversion: '1.0', note: PERSON }))
    await kafka.append([{ topic: topics.old, partition, key: Buffer.from('S-1'), value, headers: [] }])
    await until('the dead letter', async () => {
      const ends = await kafka.endOffsets(`${topics.old}.dlq`, [partition])
      return ends.get(partition)! > 0 && (await (await pull(running, 'S-1')).text()) !== ''
    })
  }
  const { backup, said } = await moveOn(old, next, spoil)
  await removeOld()

  const bytes: string[] = [backup, said]
  let records = 0
  for (const topic of ['', '.dlq', '.answers'].map((suffix) => topics.next + suffix)) {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
    const [starts, ends] = [await kafka.startOffsets(topic, partitions), await kafka.endOffsets(topic, partitions)]
    for (const partition of partitions) {
      let from = starts.get(partition)!
      while (from < ends.get(partition)!) {
        const batch = (await kafka.read(topic, partition, from))!
        for (const { key, value, headers } of batch.records)
          bytes.push(...[key, value, ...headers.flat()].map((part) => Buffer.from(part ?? '').toString()))
        records += batch.records.length
        from = batch.next
      }
    }
  }
  expect(records).toBeGreaterThan(3)
  const store = new Redis(redis.port, { db: 2 })
  const keys = await store.keys('*')
  expect(keys.length).toBeGreaterThan(3)
  for (const key of keys) bytes.push(key, String(await store.dumpBuffer(key)))
  await store.save()
  store.disconnect()
  for (const file of readdirSync(redis.dir)) bytes.push(String(readFileSync(join(redis.dir, file))))
  expect(bytes.join()).toContain('Stays')
  for (const text of bytes) expect(text).not.toContain(PERSON)
}, 180_000)

test('in embedded operation nothing of the person is in the new file, the backup or the logs', async () => {
  const servers = { brokers: '', redisUrl: '' }
  const old = await open({ embedded: { path: join(folder, 'old.db') } }, servers)
  const next = await open({ embedded: { path: join(folder, 'next.db') } }, servers)
  const { backup, said } = await moveOn(old, next, async () => {})
  writeFileSync(join(folder, 'next.backup'), backup)
  expect(readFileSync(join(folder, 'old.db')).includes(PERSON)).toBe(true)
  // Step 4 of the page.
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `old.db${end}`), { force: true })
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  expect(files).toEqual(expect.arrayContaining(['next.backup', 'next.db']))
  for (const file of files) expect(readFileSync(join(folder, file)).includes(PERSON), file).toBe(false)
  expect(said).not.toContain(PERSON)
}, 120_000)
