import kafkajs from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const IDS = ['S-1', 'S-2', 'S-3', 'S-4', 'S-5', 'S-6']

let log: Log
let admin: kafkajs.Admin
let redis: PrivateRedis
let program: Program
let running: Running
let topic: string
let secret: string

beforeAll(async () => {
  log = openLog()
  admin = new kafkajs.Kafka({ brokers: sharedBrokers().split(','), logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  secret = await hashSecret('secret')
})
afterAll(async () => {
  await admin.disconnect()
  await log.close()
})
beforeEach(async () => {
  topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  const config = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
clients:
  - username: jodo
    secrets: ["${secret}"]
    branches: all
`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
  await fill(5000)
  running = await program.start('all')
  await until(
    'all is answered',
    async () => (await pull('S-1')).status === 200 && (await pull('S-6')).status === 200,
    40_000,
  )
}, 60_000)
afterEach(async () => {
  await program?.close()
  await redis?.close()
})

const fill = async (rupees: number): Promise<void> => {
  const school = publisher(topic, PARTITIONS)
  await log.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, rupees)]))
}

const pull = async (id: string) => {
  const headers = { authorization: `Basic ${Buffer.from('jodo:secret').toString('base64')}` }
  const response = await fetch(`${running.url}/fetch-student?identifier=${id}`, { headers })
  return { status: response.status, body: await response.text() }
}

const recreate = async (): Promise<void> => {
  await admin.deleteTopics({ topics: [topic] })
  await until('the topic is gone', async () => (await log.describe(topic)) === null)
  await log.ensureTopics(topicSpecs(topic, PARTITIONS))
}

const scraped = async (): Promise<string> => (await fetch(`${running.metricsUrl}/metrics`)).text()
const readiness = async () => {
  const response = await fetch(`${running.metricsUrl}/readyz?verbose`)
  return { status: response.status, text: await response.text() }
}

describe('a topic that was made anew', () => {
  it('is never answered as fresh, though it is as long as the old one, says so, and is taken on by a rebuild', async () => {
    await recreate()
    await fill(7000)
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => pull(IDS[index % IDS.length]!)))
    for (const { status } of answers) expect(status).toBe(503)
    await until('the metric says so', async () => (await scraped()).includes('pullgate_log_broken{partition="0"} 1'))
    expect(await scraped()).toContain('pullgate_log_broken{partition="1"} 1')
    const { status, text } = await readiness()
    expect(status).toBe(503)
    expect(text).toContain('created anew')

    const rebuilt = await program.run(['rebuild'])
    expect(rebuilt).toMatchObject({ code: 0 })
    expect(rebuilt.stderr).toContain('not compared: the active generation was made from another log')
    await until('the new log is answered', async () => (await pull('S-1')).body.includes('7000'), 30_000)
    await until('it is ready', async () => (await readiness()).status === 200, 30_000)
    expect(await scraped()).toContain('pullgate_log_broken{partition="0"} 0')
  }, 120_000)

  it('is never answered as fresh while no projector runs, nor when one starts on it', async () => {
    await running.stop()
    await recreate()
    await fill(7000)
    running = await program.start('gateway')
    expect(await pull('S-1')).toMatchObject({ status: 503 })
    expect((await readiness()).text).toContain('created anew')
    const projector = await program.start('projector')
    await until(
      'the projector says so',
      async () => (await (await fetch(`${projector.metricsUrl}/readyz`)).text()).includes('created anew'),
      30_000,
    )
    expect(await pull('S-1')).toMatchObject({ status: 503 })
  }, 120_000)
})

describe('a topic that is changed while both roles run', () => {
  it('is never answered as fresh once it has partitions that nobody reads, and says so', async () => {
    const grown = { topic, count: PARTITIONS + 2 }
    await admin.createPartitions({ topicPartitions: [grown] })
    const school = publisher(topic, PARTITIONS + 2)
    await log.append(IDS.flatMap((id) => [school.feeChanged(id, 31_337)]))
    for (const id of IDS) expect(await pull(id)).toMatchObject({ status: 503 })
    await until('the metric says so', async () => (await scraped()).includes('pullgate_log_broken{partition="0"} 1'))
    expect((await readiness()).text).toMatch(/has 4 partitions|partitions=4/)
  }, 60_000)

  it('is not answered as fresh by a lone gateway either', async () => {
    await running.stop()
    await admin.createPartitions({ topicPartitions: [{ topic, count: PARTITIONS + 2 }] })
    running = await program.start('gateway')
    expect(await pull('S-1')).toMatchObject({ status: 503 })
    expect((await readiness()).text).toMatch(/has 4 partitions|partitions=4/)
    const projector = program.begin(['projector'])
    expect(await projector.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('partitions=4') })
  }, 60_000)

  it('is not answered as fresh once it may lose events, and is again once that is mended', async () => {
    const set = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: [
              { name: 'cleanup.policy', value },
              { name: 'retention.ms', value: '-1' },
            ],
          },
        ],
      })
    await set('compact')
    await until('nothing is proven', async () => (await pull('S-1')).status === 503, 60_000)
    await until('the metric says so', async () => (await scraped()).includes('pullgate_settings_wrong{of="log"} 1'))
    expect((await readiness()).text).toContain('cleanup.policy=compact')
    await until('it is broken', async () => (await scraped()).includes('pullgate_log_broken{partition="1"} 1'))
    await set('delete')
    await until('it is answered again', async () => (await pull('S-1')).status === 200, 90_000)
  }, 180_000)
})
