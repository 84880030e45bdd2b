import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import type { DoctorFinding } from '../../src/cli/doctor/finding.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram } from '../support/program.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { batch } from '../support/store-fixtures.ts'

const log = openLog()
let redis: PrivateRedis
let store: OpenedStore
let erp: FakeErp

beforeAll(async () => {
  erp = await fakeErp({ credentials: 'pullgate:secret' })
})
afterAll(async () => {
  await erp?.close()
  await log.close()
})
beforeEach(async () => {
  redis = await privateRedis()
  store = await openStore(targetOf(redis.port), { deadlineMs: 2000 })
})
afterEach(async () => {
  await store?.connection.close()
  await redis?.close()
})

const configFor = (topic: string, more = ''): string =>
  `topic: { name: ${topic}, partitions: 4 }\npolicy: { balance_basis: payable, paid_instalments: omit }\n${more}`

/** What the doctor says of a configuration: the findings that are not `ok`, and the exit code. */
const examine = async (
  config: string,
): Promise<{ code: number | null; all: readonly DoctorFinding[]; bad: readonly DoctorFinding[] }> => {
  const redisUrl = `redis://127.0.0.1:${redis.port}`
  const program = await openProgram({ brokers: sharedBrokers(), redisUrl, config })
  try {
    const { code, stdout } = await program.run(['doctor', '--json'])
    const all = JSON.parse(stdout) as readonly DoctorFinding[]
    return { code, all, bad: all.filter(({ status }) => status !== 'ok') }
  } finally {
    await program.close()
  }
}

const erpAt = (password: string): string =>
  `erp: { url: "${erp.url}", username: pullgate, password: "env:${password}" }`

test('everything in order is told line by line, with 0', async () => {
  process.env['DOCTOR_ERP'] = 'secret'
  const { code, all, bad } = await examine(configFor(await freshTopic(log, 4), erpAt('DOCTOR_ERP')))
  expect(bad.map(({ status, check }) => [status, check])).toEqual([
    ['warn', 'store'],
    ['warn', 'projection'],
  ])
  expect(all.filter(({ status }) => status === 'ok').map(({ check }) => check)).toEqual([
    'config',
    'log',
    'topic',
    'topic',
    'store',
    'reading',
    'erp',
  ])
  expect(code).toBe(0)
}, 60_000)

test('a topic that loses events, one that is missing, a Redis that evicts and an ERP that refuses fail, each with what mends it', async () => {
  process.env['DOCTOR_ERP_WRONG'] = 'wrong'
  const topic = `test.${randomBytes(6).toString('hex')}`
  const [spec] = topicSpecs(topic, 4)
  await log.ensureTopics([{ ...spec!, settings: new Map([...spec!.settings, ['retention.ms', '604800000']]) }])
  await store.connection.run((client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'))
  const { code, bad } = await examine(configFor(topic, erpAt('DOCTOR_ERP_WRONG')))
  expect(bad).toEqual([
    expect.objectContaining({ status: 'fail', detail: expect.stringContaining('retention.ms=604800000') }),
    expect.objectContaining({ status: 'fail', detail: `${topic}.dlq does not exist`, mend: 'npx pullgate topics' }),
    expect.objectContaining({ status: 'fail', mend: expect.stringContaining('maxmemory-policy noeviction') }),
    expect.objectContaining({
      status: 'fail',
      check: 'erp',
      detail: 'the group: cannot be asked: status 401',
      mend: expect.stringContaining('username and password'),
    }),
  ])
  expect(code).toBe(1)
}, 60_000)

test('a Redis of another topic fails, and an empty one is not claimed by looking', async () => {
  const topic = await freshTopic(log, 4)
  await examine(configFor(topic))
  expect(await store.admin.claim('another')).toBe('another')
  await store.admin.activate(null, 1)
  const { code, bad } = await examine(configFor(topic))
  expect(bad).toContainEqual(
    expect.objectContaining({ status: 'fail', detail: `it belongs to the topic another, not to ${topic}` }),
  )
  expect(code).toBe(1)
}, 60_000)

test('a projection of another policy fails', async () => {
  const topic = await freshTopic(log, 4)
  await store.admin.claim(topic)
  await store.admin.activate(null, 1)
  await store.writer.apply(
    batch({ expected: null, checkpoint: { next: 0, metadata: 'v0:another - {"last":null,"rerouted":[]}' } }),
  )
  const { code, bad } = await examine(configFor(topic))
  expect(bad).toContainEqual(
    expect.objectContaining({ status: 'fail', check: 'projection', mend: 'npx pullgate rebuild' }),
  )
  expect(code).toBe(1)
}, 60_000)

test('every problem of a configuration is a line', async () => {
  const { code, bad } = await examine('policy: { balance_basis: guess }\nfoo: 1\n')
  expect(bad.length).toBeGreaterThanOrEqual(3)
  expect(new Set(bad.map(({ check, status }) => `${check} ${status}`))).toEqual(new Set(['config fail']))
  expect(code).toBe(1)
}, 60_000)
