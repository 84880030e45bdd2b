import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { answersName, dlqName } from '../../consumers/ports/topic-spec.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

/** Planted wherever personal data or a secret may stand; whatever bears it is a leak. */
const CANARY = 'CANARY7f3a'
const ID = `${CANARY}-ID`
const SECRET = `${CANARY}-client-secret`
const ERP_SECRET = `${CANARY}-erp-secret`
const log = openLog()
let redis: PrivateRedis
let erp: FakeErp
let program: Program
let topic: string

beforeAll(async () => {
  topic = await freshTopic(log, 2)
  redis = await privateRedis()
  erp = await fakeErp()
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: topic, partitions: 2 },
      policy: { balance_basis: 'payable', paid_instalments: 'zero' },
      answers: { record: true, key: 'env:ANSWERS_KEY' },
      erp: { url: erp.url, username: 'pullgate', password: 'env:ERP_SECRET', timeout_ms: 300 },
      clients: [{ username: 'jodo', secrets: [await hashSecret(SECRET)], branches: 'all', publish: ['/erp/test'] }],
    }),
    env: { ERP_SECRET, ANSWERS_KEY: `${CANARY}-answers-key`, LOG_LEVEL: 'trace' },
  })
  await program.run(['topics'])
})

afterAll(async () => {
  await program?.close()
  await erp?.close()
  await redis?.close()
  await log.close()
})

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

test('nothing that the program says of itself bears a name, an identifier, a body or a secret', async () => {
  const all = await program.start('all')
  const school = publisher(topic, 2)
  const profile = {
    fullname: `${CANARY} Name`,
    new_admission: true,
    primary_contact_name: `${CANARY} Parent`,
    primary_contact_number: `${CANARY}98`,
    primary_contact_email: `${CANARY}@example.edu`,
    custom_identifier: `${CANARY}-ADM`,
  }
  const enrolled = school.event(ID, 'erp.student.enrolled.v1', profile)
  const raw = (value: unknown): NewRecord => ({
    ...enrolled,
    value: bytes(value),
    headers: [[`x-${CANARY}`, bytes(CANARY)]],
  })
  await log.append([
    enrolled,
    school.assessed(ID, 100),
    // Poison of every kind, a conflict, a gap, and one on the wrong partition.
    raw(`{"specversion": "${CANARY}`),
    raw({
      specversion: '1.0',
      id: CANARY,
      source: '/erp/test',
      type: `erp.${CANARY}`,
      time: CANARY,
      data: { student: { identifier: ID } },
    }),
    school.event(ID, 'erp.fee.changed.v1', { component_type: CANARY, amount: CANARY }),
    school.event(ID, 'erp.fee.changed.v1', { component_type: CANARY, amount: 5 }, { id: `${ID}-1` }),
    school.event(ID, 'erp.fee.changed.v1', { component_type: CANARY, amount: 5 }, { sequence: '90' }),
    { ...school.enrolled(`${CANARY}-OTHER`), partition: 0 },
    { ...school.enrolled(`${CANARY}-OTHER2`), partition: 1 },
  ])
  await until('the letters to be counted', async () =>
    /pullgate_dead_letters_total\{reason="poison"\} [1-9]/.test(
      await (await fetch(`${all.metricsUrl}/metrics`)).text(),
    ),
  )

  const pull = (query: string, secret = SECRET): Promise<Response> =>
    fetch(`${all.url}/fetch-student?${query}`, {
      headers: { Authorization: `Basic ${Buffer.from(`jodo:${secret}`).toString('base64')}` },
    })
  for (const behaviour of [
    { kind: 'ok' },
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'status', code: 500, body: CANARY },
  ] as const) {
    await erp.behave(behaviour)
    for (const query of [`identifier=${ID}`, `identifier=${CANARY}-unknown`, `custom_identifier=${CANARY}-ADM`])
      await pull(query)
  }
  await pull(`identifier=${ID}&identifier=${ID}`)
  await pull(`identifier=${ID}`, `${CANARY}-wrong`)
  await fetch(`${all.url}/${CANARY}?${CANARY}=${CANARY}`)
  const post = await fetch(`${all.url}/events`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/cloudevents+json',
      Authorization: `Basic ${Buffer.from(`jodo:${SECRET}`).toString('base64')}`,
    },
    body: bytes({
      specversion: '1.0',
      id: CANARY,
      source: '/erp/test',
      type: 'erp.fee.changed.v1',
      time: CANARY,
      data: { student: { identifier: ID } },
    }),
  })
  expect(post.status).toBe(400)
  redis.pause()
  await pull(`identifier=${ID}`)
  redis.resume()

  const told = await Promise.all(
    ['/metrics', '/readyz?verbose', '/status', '/'].map(async (path) =>
      (await fetch(`${all.metricsUrl}${path}`)).text(),
    ),
  )
  const doctor = await program.run(['doctor'])
  expect(await all.stop()).toBe(0)

  const leaks = [all.output(), ...told, doctor.stdout, doctor.stderr]
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes(CANARY) || line.includes(Buffer.from(`jodo:${SECRET}`).toString('base64')))
  expect(leaks).toEqual([])
  // It did speak: this is a test of what it said.
  expect(all.output().split('\n').length).toBeGreaterThan(10)
}, 90_000)

test('a recorded answer bears no name, identifier, number or mail, in key, value or headers', async () => {
  const answers = answersName(topic)
  let count = 0
  for (const partition of [0, 1]) {
    const batch = await log.read(answers, partition, 0, { maxBytes: 1 << 24, waitMs: 500 })
    for (const { key, value, headers } of batch?.records ?? []) {
      count += 1
      const bytesOf = [key, value, ...headers.map(([, header]) => header)].map((one) =>
        Buffer.from(one ?? '').toString(),
      )
      expect(bytesOf.join('\n')).not.toContain(CANARY)
    }
  }
  expect(count).toBeGreaterThan(0)
}, 30_000)

test('what is added to a dead letter says where and why, and nothing of its content', async () => {
  const dlq = dlqName(topic)
  const added: string[] = []
  for (const partition of [0, 1]) {
    const batch = await log.read(dlq, partition, 0, { waitMs: 500 })
    for (const record of batch?.records ?? [])
      for (const [name, value] of record.headers)
        if (name.startsWith('pullgate-')) added.push(`${name}: ${String(value && Buffer.from(value))}`)
  }
  expect(added.length).toBeGreaterThan(6)
  expect(added.filter((line) => line.includes(CANARY))).toEqual([])
})
