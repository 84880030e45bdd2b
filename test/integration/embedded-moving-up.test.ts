import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { openEmbedded } from '../../src/sqlite/embedded.ts'
import { partitionOf } from '../model/murmur2.ts'
import { authorization, type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { generateHistory } from '../support/generate.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const FROM = 'erp.student-events'
const STUDENTS = 9

let kafka: Log
let redis: PrivateRedis
let old: EmbeddedProgram
let next: Program
beforeAll(async () => {
  kafka = openLog()
  const topic = await freshTopic(kafka, PARTITIONS)
  redis = await privateRedis()
  old = await embeddedProgram()
  const config = old.config.replace(`name: ${FROM}`, `name: ${topic}`)
  expect(config).toContain(topic)
  next = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
})
afterAll(async () => {
  await Promise.all([old?.close(), next?.close()])
  await Promise.all([redis?.close(), kafka?.close()])
})

/** Everything that a pull says of a student but when and by which place in the log: those are the log's own. */
const answers = async ({ url }: Running, ids: readonly string[]) => {
  const said: unknown[] = []
  for (const identifier of ids) {
    const response = await fetch(`${url}/fetch-student?${new URLSearchParams({ identifier })}`, {
      headers: { Authorization: authorization('partner') },
    })
    const named = ['x-pullgate-source', 'x-pullgate-reason'].map((name) => response.headers.get(name))
    said.push([identifier, response.status, ...named, await response.text()])
  }
  return said
}

it('what is exported from a file and published into Kafka gives the same answers, byte for byte', async () => {
  const histories = Array.from({ length: 12 }, (_, seed) =>
    generateHistory(seed + 1, { students: STUDENTS, partitions: PARTITIONS, prefix: `${seed}/`, trouble: 0.4 }),
  )
  const running = await old.program.start('all')
  const file = openEmbedded(old.path, PARTITIONS)
  try {
    for (const history of histories)
      await file.log.append(
        history.map(({ partition, key, ...record }) => ({
          ...record,
          key,
          topic: FROM,
          partition: partition ?? partitionOf(key ?? Buffer.alloc(0), PARTITIONS),
        })),
      )
  } finally {
    await file.close()
  }
  const known = JSON.parse((await old.program.run(['dlq', 'list', '--json'])).stdout) as { identifier: string | null }[]
  const exported = await old.program.run(['events', 'export'])
  expect(exported.code).toBe(0)
  const ids = new Set(
    exported.stdout.match(/"identifier":"(?:[^"\\]|\\.)*"/g)?.map((text) => JSON.parse(`{${text}}`).identifier),
  )
  expect(ids.size).toBeGreaterThan(60)

  const published = await next.run(['events', 'publish', '-'], exported.stdout)
  expect(published).toMatchObject({ code: 0 })
  const moved = await next.start('all')
  const before = await answers(running, [...ids])
  await until('the moved ones to be projected', async () =>
    (await answers(moved, [...ids])).every((one) => !JSON.stringify(one).includes('"stale"')),
  )
  expect(await answers(moved, [...ids])).toEqual(before)
  // Some of everything, or this would say little.
  for (const part of ['"status":"success"', 'student_transferred', '"suspect"', '"incoherent"'])
    expect(JSON.stringify(before).replaceAll('\\', ''), part).toContain(part)
  expect(known.length).toBeGreaterThan(0)
}, 120_000)
