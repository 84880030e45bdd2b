import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const STUDENTS = 400
const BROKEN_EACH = 5

let log: Log
let redis: PrivateRedis
let program: Program

const listed = async (...args: string[]) => {
  const { code, stdout } = await program.run(['dlq', 'list', '--json', ...args])
  expect(code).toBe(0)
  return JSON.parse(stdout) as { identifier: string; settled: boolean }[]
}

beforeAll(async () => {
  log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  const config = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
  const school = publisher(topic, PARTITIONS)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  await log.append(ids.map((id) => school.enrolled(id)))
  const broken = { component_type: 'TUITION', amount: 'many' }
  for (let round = 0; round < BROKEN_EACH; round += 1)
    await log.append(ids.map((id) => school.event(id, 'erp.fee.changed.v1', broken)))
  await program.start('projector')
  await until('all have died', async () => (await listed()).length === STUDENTS * BROKEN_EACH, 120_000)
}, 180_000)

afterAll(async () => {
  await program?.close()
  await redis?.close()
  await log?.close()
})

it('lists the letters of one source, and of no other', async () => {
  expect(await listed('--source', '/erp/test')).toHaveLength(STUDENTS * BROKEN_EACH)
  expect(await listed('--source', '/erp/nobody')).toEqual([])
}, 60_000)

it('discards thousands in seconds, says so of each, and leaves none open', async () => {
  const { code, stdout } = await program.run(['dlq', 'discard', '--all', '--json'])
  expect(code).toBe(0)
  const results = JSON.parse(stdout) as { done: boolean; message: string }[]
  expect(results).toHaveLength(STUDENTS * BROKEN_EACH)
  expect(results.every(({ done, message }) => done && message.startsWith('discarded'))).toBe(true)
  expect((await listed()).some(({ settled }) => !settled)).toBe(false)
}, 120_000)
