import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import { redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import { foldLog } from '../support/fold-log.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const STUDENTS = 60
const POLICY = { balance_basis: 'outstanding', paid_instalments: 'zero' } as const

let log: Log
let redis: PrivateRedis
let program: Program
let topic: string

beforeAll(async () => {
  log = openLog()
  topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  const config = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
})

afterAll(async () => {
  await program?.close()
  await redis?.close()
  await log?.close()
})

test('killed at random under load, the projector loses nothing and doubles nothing', async () => {
  const school = publisher(topic, PARTITIONS)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))

  let publishing = true
  let payments = 0
  const load = (async () => {
    while (publishing) {
      const batch = Array.from({ length: 40 }, () => {
        const id = ids[payments % STUDENTS]!
        payments += 1
        return payments % 3 === 0
          ? school.feeChanged(id, payments)
          : school.paid(id, `P-${payments % 17}`, payments % 7)
      })
      await log.append(batch)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()

  for (let round = 0; round < 8; round += 1) {
    const projector: Running = await program.start('projector')
    const from = payments
    await until('some more load', () => payments > from + 400 + round * 137)
    await projector.kill()
  }
  publishing = false
  await load

  const last = await program.start('projector')
  const connection = redisConnection({ kind: 'single', host: '127.0.0.1', port: redis.port }, { deadlineMs: 2000 })
  await connection.whenReady(5000)
  const store = redisStore(connection, PARTITIONS)
  try {
    const ends = await log.endOffsets(topic, [0, 1, 2, 3])
    await until(
      'the projection to reach the end of the log',
      async () =>
        (await store.reader.partitions()).every(
          ({ partition, checkpoint }) => checkpoint?.next === ends.get(partition),
        ),
      30_000,
    )
    const truth = await foldLog(log, topic, PARTITIONS, POLICY, 'Asia/Kolkata')
    expect(truth.size).toBe(STUDENTS)
    const generation = (await store.admin.activeGeneration())!
    for (const [id, record] of truth) {
      const [stored] = await store.writer.load(generation, partitionOf(id, PARTITIONS), [id])
      expect(Buffer.from(stored!).equals(record), `the record of ${id}`).toBe(true)
    }
    const [checkpoint] = await store.reader.partitions()
    expect(checkpoint!.checkpoint!.metadata.startsWith(signatureOf(POLICY, 'Asia/Kolkata', topic, PARTITIONS))).toBe(
      true,
    )
    expect(await last.stop()).toBe(0)
  } finally {
    await store.admin.close()
  }
}, 120_000)
