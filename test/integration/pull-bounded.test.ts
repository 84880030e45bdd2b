import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active, studentBody } from '../support/fake-erp-students.ts'
import { expectAnswer } from '../support/pull-expectations.ts'
import { hitBody, schoolEvents } from '../support/pull-students.ts'
import { credentials, openPullWorld, PATIENT_MS, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { until } from '../support/until.ts'
import { type Answer, call } from './http-edge.ts'

/** Bounded freshness over HTTP: a lease in place of the log, and every lease for what concerns all partitions. */
const BOUND_MS = 5_000

let world: PullWorld
let erp: FakeErp
let port: number
let lonely: number

const pull = (query: string, to = port): Promise<Answer> =>
  call(to, `/fetch-student?${query}`, { headers: { authorization: credentials('all') } })
const isProjected = async (query: string): Promise<boolean> =>
  (await pull(query)).headers['x-pullgate-source'] === 'projection'
const FIELDS = { identifier: 'S-1', collector_code: 'BLR-01' }

beforeAll(async () => {
  const freshness = { mode: 'bounded', bound_ms: BOUND_MS }
  world = await openPullWorld({ freshness })
  erp = await fakeErp({ students: new Map([['S-1', [active(FIELDS)]]]) })
  const group = { url: erp.url, username: 'u', password: 'env:ERP_PASSWORD', timeout_ms: PATIENT_MS }
  port = await world.gateway({ erp: group })
  lonely = await world.gateway({})
  await world.publish(schoolEvents(world.topic, WORLD_PARTITIONS).of('hit', 'S-1', { custom: 'C-1', branch: 'BLR-01' }))
  await until('the projection to answer', () => isProjected('identifier=S-1'), 60_000)
}, 120_000)
afterAll(async () => {
  await world?.close()
  await erp?.close()
}, 60_000)

test('an answer is as of its lease, and needs no Kafka', async () => {
  world.kafka.refuse()
  try {
    for (const query of ['identifier=S-1', 'custom_identifier=C-1']) {
      await until(`an answer to ${query}`, () => isProjected(query))
      const answer = await pull(query)
      expectAnswer(answer, { from: 'projection', status: 200, body: hitBody('S-1') })
      const ageMs = Date.now() - Date.parse(String(answer.headers['x-pullgate-as-of']))
      expect(ageMs).toBeGreaterThanOrEqual(0)
      expect(ageMs).toBeLessThan(BOUND_MS + PATIENT_MS)
    }
    const isMissed = async () => (await pull('identifier=nobody', lonely)).status === 422
    await until('that there is no such student', isMissed)
    expectAnswer(await pull('identifier=nobody', lonely), {
      from: 'refusal',
      code: 'student_not_found',
      reason: 'miss',
    })
  } finally {
    world.kafka.accept()
  }
}, 60_000)

test('the leases of another topic prove nothing', async () => {
  const foreign = await world.gateway({ topic: { name: `${world.topic}.other`, partitions: WORLD_PARTITIONS } })
  expect(await isProjected('identifier=S-1')).toBe(true)
  expectAnswer(await pull('identifier=S-1', foreign), {
    from: 'nobody',
    code: 'temporarily_unavailable',
    reason: 'stale',
  })
}, 60_000)

test('while the projector stands still all is stale, and fresh again when it goes on', async () => {
  world.projector.signal('SIGSTOP')
  try {
    const isStale = async (query: string, to: number) =>
      (await pull(query, to)).headers['x-pullgate-source'] !== 'projection'
    await until('the leases to end', () => isStale('identifier=S-1', port), 60_000)
    const body = JSON.stringify(studentBody(FIELDS))
    expectAnswer(await pull('identifier=S-1'), { from: 'erp', status: 200, body, reason: 'stale' })
    expectAnswer(await pull('identifier=nobody', lonely), {
      from: 'nobody',
      code: 'temporarily_unavailable',
      reason: 'miss',
    })
  } finally {
    world.projector.signal('SIGCONT')
  }
  await until('the projection to answer again', () => isProjected('identifier=S-1'), 60_000)
}, 150_000)
