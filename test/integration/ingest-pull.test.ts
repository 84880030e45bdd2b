import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'
import { basic, cheapHash } from './http-edge.ts'

const PARTITIONS = 4
const SOURCE = '/erp/blr-01'
const PUBLISHER = basic('erp', 'p-secret')
const PARTNER = basic('jodo', 'j-secret')

let log: Log
let redis: PrivateRedis
let program: Program
let running: Running

beforeAll(async () => {
  log = openLog()
  redis = await privateRedis()
  const config = JSON.stringify({
    topic: { name: await freshTopic(log, PARTITIONS), partitions: PARTITIONS },
    policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
    // Long enough that a slow machine is no reason for `stale`: what is asked here is what an answer includes.
    freshness: { wait_ms: 5_000 },
    clients: [
      { username: 'jodo', secrets: [cheapHash('j-secret')], branches: 'all' },
      { username: 'erp', secrets: [cheapHash('p-secret')], publish: [SOURCE] },
    ],
  })
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
  running = await program.start('all')
})
afterAll(async () => {
  await program?.close()
  await redis?.close()
  await log?.close()
})

const student = (identifier: string) => ({
  identifier,
  grade: '5',
  academic_year_start: '2026',
  academic_year_end: '2027',
})

let sequence = 0
const event = (identifier: string, type: string, data: object) => {
  sequence += 1
  return {
    ...{ specversion: '1.0', id: `id-${sequence}`, source: SOURCE, type },
    time: new Date(Date.UTC(2026, 5, 1) + sequence).toISOString(),
    data: { student: student(identifier), ...data },
  }
}

const enrolled = (identifier: string) =>
  event(identifier, 'erp.student.enrolled.v1', {
    ...{ fullname: 'Asha', new_admission: true, primary_contact_name: 'R' },
    ...{ primary_contact_number: '98', primary_contact_email: 'r@example.edu' },
  })
const assessed = (identifier: string, amount: number) =>
  event(identifier, 'erp.fees.assessed.v1', { fee_components: [{ component_type: 'TUITION', amount }] })

const publish = async (events: readonly object[]) => {
  const response = await fetch(`${running.url}/events`, {
    method: 'POST',
    headers: { authorization: PUBLISHER, 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  })
  return { status: response.status, body: (await response.json()) as { data?: { positions: string[] } } }
}

const pull = async (identifier: string) => {
  const response = await fetch(`${running.url}/fetch-student?identifier=${identifier}`, {
    headers: { authorization: PARTNER },
  })
  return { status: response.status, source: response.headers.get('x-pullgate-source'), body: await response.text() }
}

test('a strict pull right after the acknowledgement includes every event of the batch', async () => {
  await until('the first answer', async () => {
    await publish([enrolled('S-0'), assessed('S-0', 1)])
    return (await pull('S-0')).status === 200
  })
  const ids = Array.from({ length: 12 }, (_, n) => `S-${n}`)
  expect((await publish(ids.map(enrolled))).status).toBe(200)
  for (let turn = 1; turn <= 100; turn++) {
    const published = await publish(ids.map((id) => assessed(id, turn)))
    expect(published.status).toBe(200)
    const answers = await Promise.all(ids.map(pull))
    for (const { status, source, body } of answers) {
      expect([status, source]).toEqual([200, 'projection'])
      expect(body).toContain(`"fee_amount":${turn}}`)
    }
  }
})

test('the positions that are answered are where the events lie', async () => {
  const { body } = await publish([enrolled('P-1'), enrolled('P-2'), assessed('P-1', 7)])
  const places = body.data!.positions.map((place) => place.split(':').map(Number) as [number, number])
  const topic = (JSON.parse((await program.run(['events', 'key', 'P-1', '--json'])).stdout) as { topic: string }).topic
  const found = await Promise.all(
    places.map(async ([partition, offset]) => {
      const batch = await log.read(topic, partition, offset)
      const record = batch?.records.find((candidate) => candidate.offset === offset)
      return String(record?.key)
    }),
  )
  expect(found).toEqual(['P-1', 'P-2', 'P-1'])
})

test('a repetition of a batch changes nothing', async () => {
  const batch = [enrolled('R-1'), assessed('R-1', 500)]
  await publish(batch)
  const before = await pull('R-1')
  expect((await publish(batch)).status).toBe(200)
  const after = await pull('R-1')
  expect(after.body).toBe(before.body)
})

test('the metrics port serves the description of the partner’s port', async () => {
  const response = await fetch(`${running.metricsUrl}/openapi.json`)
  const { openapi, paths } = (await response.json()) as { openapi: string; paths: object }
  expect([response.status, openapi, Object.keys(paths)]).toEqual([200, '3.1.0', ['/fetch-student', '/events']])
})

test('a Kafka that cannot be reached is 503 with Retry-After, well within the deadline', async () => {
  const away = await openProgram({
    brokers: '127.0.0.1:1',
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      policy: { balance_basis: 'payable', paid_instalments: 'omit' },
      clients: [{ username: 'erp', secrets: [cheapHash('p-secret')], publish: [SOURCE] }],
    }),
  })
  const gateway = await away.start('gateway')
  const response = await fetch(`${gateway.url}/events`, {
    method: 'POST',
    headers: { authorization: PUBLISHER, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(enrolled('S-1')),
  })
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await response.json()).toMatchObject({ status: 'error', code: 'temporarily_unavailable' })
  await away.close()
})
