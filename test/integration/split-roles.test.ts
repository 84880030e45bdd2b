import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const log = openLog()
let redis: PrivateRedis
let program: Program

beforeAll(async () => {
  const topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'outstanding', paid_instalments: 'zero' },
      clients: [],
    }),
  })
  const school = publisher(topic, PARTITIONS)
  await log.append([
    school.enrolled('S-1'),
    school.event('S-1', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 'much' }),
  ])
}, 90_000)
afterAll(async () => {
  await program?.close()
  await redis?.close()
  await log.close()
}, 30_000)

type Readiness = { readonly verdict: string; readonly status: string }

test('a gateway without a projector in its process says whether one works, and how many students are suspect', async () => {
  const [gateway, projector] = await Promise.all([program.start('gateway'), program.start('projector')])
  const read = async (): Promise<Readiness> =>
    (await (await fetch(`${gateway.metricsUrl}/readyz?verbose`)).json()) as Readiness
  await until('the suspect to be told', async () => (await read()).verdict.startsWith('1 student suspect'), 60_000)
  const status = (await (await fetch(`${gateway.metricsUrl}/status`)).json()) as { partitions: unknown[] }
  expect(status.partitions).toHaveLength(PARTITIONS)

  await projector.kill()
  await until('the missing projector to be told', async () => (await read()).verdict.startsWith('No projector'), 60_000)
  expect((await read()).verdict).toMatch(
    /^No projector for \d+ s: partitions 0–3 are not applied\. Start one: npx pullgate projector/,
  )
}, 180_000)
