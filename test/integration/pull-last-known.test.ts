import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { active, type FakeStudents, refusal, studentBody } from '../support/fake-erp-students.ts'
import { type Expected, expectAnswer } from '../support/pull-expectations.ts'
import { hitBody, SILENT, type StudentState, schoolEvents } from '../support/pull-students.ts'
import { credentials, openPullWorld, PATIENT_MS, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'
import { type Answer, call } from './http-edge.ts'

/** Answers last known, and a Redis that hangs: over HTTP on real servers. */
const students: FakeStudents = new Map()
const behaviours = new Map<string, Behaviour>()
const FAILS: Behaviour = { kind: 'status', code: 500 }

let world: PullWorld
let erp: FakeErp
let port: number
let forgetful: number
/** With the time that a gateway gives its Redis. */
let quick: number
let hasty: number

const pull = (query: string, to = port): Promise<Answer> =>
  call(to, `/fetch-student?${query}`, { headers: { authorization: credentials('all') } })

const isProjected = async (to: number): Promise<boolean> =>
  (await pull('identifier=last', to)).headers['x-pullgate-source'] === 'projection'

const asBody = (fields: Parameters<typeof studentBody>[0]): string => JSON.stringify(studentBody(fields))
const nobody = (code: 'erp_bad_response' | 'temporarily_unavailable', reason?: string): Expected => ({
  from: 'nobody',
  code,
  ...(reason !== undefined && { reason }),
})
const projection = (identifier: string, branch: string): Expected => ({
  from: 'projection',
  status: 200,
  body: hitBody(identifier, branch),
})
beforeAll(async () => {
  world = await openPullWorld()
  erp = await fakeErp({ students, behaviours })
  const group = {
    url: erp.url,
    username: 'u',
    password: 'env:ERP_PASSWORD',
    timeout_ms: PATIENT_MS,
    breaker: { volume: 10_000 },
  }
  const branches = [{ collector_code: SILENT, heartbeat: { source: '/erp/never-heard-of', max_age_ms: 60_000 } }]
  const pullSettings = { deadline_ms: 12_000 }
  const freshness = { wait_ms: PATIENT_MS }
  forgetful = await world.gateway({ pull: pullSettings, freshness, erp: group, branches })
  port = await world.gateway({
    pull: pullSettings,
    freshness,
    erp: group,
    branches,
    last_known_good: { max_age_ms: 3_600_000 },
  })
  quick = await world.gateway({ pull: pullSettings, freshness, erp: group }, 300)
  hasty = await world.gateway({ pull: { deadline_ms: 1_000 }, freshness: { wait_ms: 900 }, erp: group })
  const { of } = schoolEvents(world.topic, WORLD_PARTITIONS)
  const fixtures: readonly [StudentState, string, string][] = [
    ['hit', 'in-1', 'BLR-01'],
    ['hit', 'in-3', 'BLR-03'],
    ['stale', 'silent', SILENT],
    ['stale', 'silent too', SILENT],
    ['stale', 'silent and left', SILENT],
    ['suspect', 'doubted', 'BLR-01'],
    ['hit', 'last', 'BLR-01'],
  ]
  await world.publish(fixtures.flatMap(([state, identifier, branch]) => of(state, identifier, { branch })))
  await until('the projection to answer', () => isProjected(port), 60_000)
}, 120_000)
afterAll(async () => {
  await world?.close()
  await erp?.close()
}, 60_000)
beforeEach(() => {
  students.clear()
  behaviours.clear()
  erp.forget()
})

describe('last known good', () => {
  const known = (body: string, reason: string, status: 200 | 422 = 200): Expected => ({
    from: 'last-known-good',
    status,
    body,
    reason,
  })

  test('is the ERP’s last answer while the ERP does not answer, refusals as well', async () => {
    const fields = { identifier: 'silent', collector_code: SILENT }
    students.set('silent', [active(fields)])
    const body = asBody(fields)
    expectAnswer(await pull('identifier=silent'), { from: 'erp', status: 200, body, reason: 'stale' })
    behaviours.set('silent', FAILS)
    const answer = await pull('identifier=silent')
    expectAnswer(answer, known(body, 'stale'))
    behaviours.set('silent', { kind: 'wrong-student' })
    expectAnswer(await pull('identifier=silent'), known(body, 'stale'))

    students.set('silent and left', [refusal('student_discontinued', 'Left.')])
    const left = JSON.stringify(refusal('student_discontinued', 'Left.').body)
    const said = await pull('identifier=silent%20and%20left')
    expectAnswer(said, { from: 'erp', status: 422, body: left, reason: 'stale' })
    behaviours.set('silent and left', { kind: 'hang' })
    expectAnswer(await pull('identifier=silent+and+left'), known(left, 'stale', 422))
  })

  test.each([
    ['an erasure', 'erp.student.erased.v1', {}, 'miss'],
    ['a change', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 7 }, 'stale'],
  ])('is not what %s of the student has overtaken, whatever the lookup', async (name, type, data, reason) => {
    const identifier = `overtaken by ${name}`
    const custom = `C ${identifier}`
    const fields = { identifier, collector_code: SILENT }
    students.set(identifier, [active(fields)])
    const body = asBody(fields)
    const { of } = schoolEvents(world.topic, WORLD_PARTITIONS)
    await world.publish(of('stale', identifier, { branch: SILENT, custom }))
    const asked = [`identifier=${encodeURIComponent(identifier)}`, `custom_identifier=${encodeURIComponent(custom)}`]
    students.set(identifier, [active(fields), { ...active(fields), custom }])
    for (const query of asked) {
      await until('the ERP to be asked', async () => (await pull(query)).headers['x-pullgate-reason'] === 'stale')
      expectAnswer(await pull(query), { from: 'erp', status: 200, body, reason: 'stale' })
    }
    behaviours.set(identifier, FAILS)
    behaviours.set('', FAILS)
    for (const query of asked) expectAnswer(await pull(query), known(body, 'stale'))
    const student = { identifier, grade: '5', academic_year_start: '2026', collector_code: SILENT }
    const { event } = publisher(world.topic, WORLD_PARTITIONS, '/erp/eraser')
    await world.publish([event(identifier, type, { ...data, student })])
    for (const query of asked) {
      await until('the event to be applied', async () => (await pull(query)).status === 503)
      expectAnswer(await pull(query), nobody('temporarily_unavailable', reason))
    }
  })

  test('is nothing where the operator does not allow it, or nothing is known', async () => {
    behaviours.set('silent too', { kind: 'ok' })
    students.set('silent too', [active({ identifier: 'silent too', collector_code: SILENT })])
    expect((await pull('identifier=silent+too', forgetful)).status).toBe(200)
    behaviours.set('silent too', FAILS)
    expectAnswer(await pull('identifier=silent+too', forgetful), nobody('temporarily_unavailable', 'stale'))
    behaviours.set('doubted', FAILS)
    expectAnswer(await pull('identifier=doubted'), nobody('temporarily_unavailable', 'suspect'))
    behaviours.set('nobody', { kind: 'redirect' })
    expectAnswer(await pull('identifier=nobody&grade=1'), nobody('erp_bad_response', 'miss'))
  })

  test('is the projection’s answer where that was proven lately; with Redis gone too, the ERP’s', async () => {
    behaviours.set('in-1', FAILS)
    behaviours.set('in-2', FAILS)
    expectAnswer(await pull('identifier=in-1'), projection('in-1', 'BLR-01'))
    world.kafka.refuse()
    try {
      expectAnswer(await pull('identifier=in-1'), known(hitBody('in-1', 'BLR-01'), 'stale'))
      expectAnswer(await pull('identifier=in-1', forgetful), nobody('temporarily_unavailable', 'stale'))
      const fields = { identifier: 'in-3', collector_code: 'BLR-03' }
      students.set('in-3', [active(fields)])
      expectAnswer(await pull('identifier=in-3'), {
        from: 'erp',
        status: 200,
        body: asBody(fields),
        reason: 'stale',
      })
      behaviours.set('in-3', FAILS)
      world.redis.refuse()
      expectAnswer(await pull('identifier=in-3'), known(asBody(fields), 'store_unavailable'))
      expectAnswer(await pull('identifier=in-1'), nobody('temporarily_unavailable', 'store_unavailable'))
    } finally {
      world.kafka.accept()
      world.redis.accept()
      await until('Kafka and Redis to be back', () => isProjected(port), 30_000)
    }
  })
})

test('while Redis is silent the ERP answers in under a second', async () => {
  students.set('in-1', [active({ identifier: 'in-1', collector_code: 'BLR-01' })])
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    world.redis.silence()
    try {
      const began = performance.now()
      const answer = await pull('identifier=in-1', quick)
      times.push(performance.now() - began)
      const body = asBody({ identifier: 'in-1', collector_code: 'BLR-01' })
      expectAnswer(answer, { from: 'erp', status: 200, body, reason: 'store_unavailable' })
    } finally {
      world.redis.speak()
      for (const to of [port, quick]) await until('Redis to be back', () => isProjected(to), 30_000)
    }
  }
  // A busy machine may delay one of them, but not all three.
  expect(Math.min(...times)).toBeLessThan(1_000)
}, 60_000)

test('a Redis that hangs for longer than a short deadline allows leaves the ERP half of it', async () => {
  students.set('in-1', [active({ identifier: 'in-1', collector_code: 'BLR-01' })])
  world.redis.silence()
  try {
    const isAnswered = async () => {
      const { status, headers } = await pull('identifier=in-1', hasty)
      return status === 200 && headers['x-pullgate-source'] === 'erp'
    }
    // On a machine that is busy elsewhere half a second may be too short now and then.
    await until('the ERP’s answer', isAnswered, 30_000)
  } finally {
    world.redis.speak()
    await until('Redis to be back', () => isProjected(port), 30_000)
  }
}, 90_000)
