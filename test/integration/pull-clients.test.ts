import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { active, type FakeStudents, refusal, studentBody } from '../support/fake-erp-students.ts'
import { type Expected, expectAnswer } from '../support/pull-expectations.ts'
import { hitBody, SILENT, type StudentState, schoolEvents } from '../support/pull-students.ts'
import { credentials, openPullWorld, PATIENT_MS, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { until } from '../support/until.ts'
import { type Answer, call } from './http-edge.ts'

/** Who may see what, lookups by custom identifier, and answers last known: over HTTP on real servers. */
const students: FakeStudents = new Map()
const behaviours = new Map<string, Behaviour>()
const FAILS: Behaviour = { kind: 'status', code: 500 }

let world: PullWorld
let erp: FakeErp
let port: number
let forgetful: number
let lonely: number
let branchesOnly: number
/** With the time that a gateway gives its Redis. */
let quick: number
let hasty: number

const pull = (client: string, query: string, to = port): Promise<Answer> =>
  call(to, `/fetch-student?${query}`, { headers: { authorization: credentials(client) } })

const isProjected = async (to: number): Promise<boolean> =>
  (await pull('all', 'identifier=last', to)).headers['x-pullgate-source'] === 'projection'

const asBody = (fields: Parameters<typeof studentBody>[0]): string => JSON.stringify(studentBody(fields))
const nobody = (code: 'forbidden' | 'erp_bad_response' | 'temporarily_unavailable'): Expected => ({
  from: 'nobody',
  code,
})
const projection = (identifier: string, branch: string): Expected => ({
  from: 'projection',
  status: 200,
  body: hitBody(identifier, branch),
})
const UNKNOWN = JSON.stringify(refusal('student_not_found', 'Student not found').body)
const unknownTo = (reason: string): Expected => ({ from: 'erp', status: 422, reason, body: UNKNOWN })

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
  lonely = await world.gateway({ pull: pullSettings, freshness })
  quick = await world.gateway({ pull: pullSettings, freshness, erp: group }, 300)
  hasty = await world.gateway({ pull: { deadline_ms: 1_000 }, freshness: { wait_ms: 900 }, erp: group })
  branchesOnly = await world.gateway({
    pull: pullSettings,
    freshness,
    branches: [{ collector_code: 'BLR-01', erp: group }, { collector_code: 'BLR-02' }],
  })
  const { of } = schoolEvents(world.topic, WORLD_PARTITIONS)
  const fixtures: readonly [StudentState, string, string, string?][] = [
    ['hit', 'in-1', 'BLR-01', 'C-1'],
    ['hit', 'in-2', 'BLR-02', 'C-2'],
    ['hit', 'in-3', 'BLR-03', 'C-1'],
    ['suspect', 'doubted-in-2', 'BLR-02', 'C-4'],
    ['suspect', 'doubted-in-1', 'BLR-01', 'C-5'],
    ['stale', 'silent', SILENT],
    ['stale', 'silent too', SILENT],
    ['stale', 'silent and new', SILENT],
    ['stale', 'silent and left', SILENT],
    ['suspect', 'doubted', 'BLR-01'],
    ['hit', 'last', 'BLR-01'],
  ]
  await world.publish(
    fixtures.flatMap(([state, identifier, branch, custom]) =>
      of(state, identifier, { branch, ...(custom !== undefined && { custom }) }),
    ),
  )
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

describe('a client of one branch', () => {
  test('is answered by the projection for its own students, named or not', async () => {
    expectAnswer(await pull('one', 'identifier=in-1'), projection('in-1', 'BLR-01'))
    expectAnswer(await pull('one', 'identifier=in-1&collector_code=BLR-01'), projection('in-1', 'BLR-01'))
  })

  test.each(['in-2', 'in-3', 'doubted-in-2'])('cannot tell %s of another branch from nobody', async (identifier) => {
    const shown = ({ status, headers, body }: Answer) => {
      const { date: _, 'x-request-id': __, 'x-pullgate-as-of': ___, ...rest } = headers
      return { status, body, ...rest }
    }
    const nobodyKnown = await pull('one', 'identifier=nobody')
    expectAnswer(nobodyKnown, unknownTo('miss'))
    expect(shown(await pull('one', `identifier=${identifier}`))).toEqual(shown(nobodyKnown))
    expect(erp.requests().map(({ query }) => query.get('collector_code'))).toEqual(['BLR-01', 'BLR-01'])
  })

  test('is told that a student of its own is suspect', async () => {
    expectAnswer(await pull('one', 'identifier=doubted-in-1'), unknownTo('suspect'))
  })

  test('may not name another branch', async () => {
    expectAnswer(await pull('one', 'identifier=in-2&collector_code=BLR-02'), nobody('forbidden'))
  })

  test('gets no student of another branch from the ERP; one without a branch counts as its own', async () => {
    students.set('foreign', [active({ identifier: 'foreign', collector_code: 'BLR-02' })])
    behaviours.set('foreign', { kind: 'bytes', body: asBody({ identifier: 'foreign', collector_code: 'BLR-02' }) })
    expectAnswer(await pull('one', 'identifier=foreign'), nobody('erp_bad_response'))
    students.set('bare', [active({ identifier: 'bare', collector_code: null })])
    const body = asBody({ identifier: 'bare', collector_code: null })
    expectAnswer(await pull('one', 'identifier=bare'), { from: 'erp', status: 200, body, reason: 'miss' })
  })

  test('is not told that there is no such student where another branch has one in doubt', async () => {
    expectAnswer(await pull('one', 'identifier=nobody', lonely), {
      from: 'refusal',
      code: 'student_not_found',
      reason: 'miss',
    })
    expectAnswer(await pull('one', 'identifier=doubted-in-2', lonely), nobody('temporarily_unavailable'))
  })
})

describe('a client of two branches that names none', () => {
  test('is answered where the projection answers, and else has to name one', async () => {
    expectAnswer(await pull('two', 'identifier=in-1'), projection('in-1', 'BLR-01'))
    expectAnswer(await pull('two', 'identifier=in-2'), projection('in-2', 'BLR-02'))
    for (const identifier of ['in-3', 'nobody', 'doubted-in-1', 'doubted-in-2'])
      for (const to of [port, lonely])
        expectAnswer(await pull('two', `identifier=${identifier}`, to), nobody('forbidden'))
    expect(erp.calls()).toBe(0)
    expectAnswer(await pull('two', 'identifier=nobody&collector_code=BLR-02'), unknownTo('miss'))
  })
})

describe('a lookup by custom identifier', () => {
  test('finds the one student that bears it', async () => {
    expectAnswer(await pull('all', 'custom_identifier=C-2'), projection('in-2', 'BLR-02'))
    expectAnswer(await pull('all', 'custom_identifier=C-2&identifier=in-2'), projection('in-2', 'BLR-02'))
    expectAnswer(await pull('all', 'custom_identifier=C-2&identifier=in-1'), unknownTo('miss'))
  })

  test('is ambiguous where several bear it, unless only one is in sight or asked for', async () => {
    expectAnswer(await pull('all', 'custom_identifier=C-1'), unknownTo('ambiguous'))
    expectAnswer(await pull('all', 'custom_identifier=C-1&collector_code=BLR-03'), projection('in-3', 'BLR-03'))
    expectAnswer(await pull('one', 'custom_identifier=C-1'), projection('in-1', 'BLR-01'))
    const refused: Expected = { from: 'refusal', code: 'data_error', reason: 'ambiguous' }
    expectAnswer(await pull('all', 'custom_identifier=C-1', lonely), refused)
  })

  test('is in doubt where one that bears it is, if that is in sight', async () => {
    expectAnswer(await pull('all', 'custom_identifier=C-4'), unknownTo('suspect'))
    expectAnswer(await pull('one', 'custom_identifier=C-4'), unknownTo('miss'))
  })

  test('is a definite miss where nobody can be asked', async () => {
    const expected: Expected = { from: 'refusal', code: 'student_not_found', reason: 'miss' }
    expectAnswer(await pull('all', 'custom_identifier=C-9', lonely), expected)
  })
})

describe('where only branches have ERPs', () => {
  test('a student that nobody knows needs a branch that has one', async () => {
    const unnamed = await pull('all', 'identifier=nobody', branchesOnly)
    expectAnswer(unnamed, { from: 'refusal', code: 'data_error', reason: 'miss' })
    expect(JSON.parse(unnamed.body).message).toMatch(/^collector_code is required/)
    expectAnswer(await pull('all', 'identifier=nobody&collector_code=BLR-01', branchesOnly), unknownTo('miss'))
    const without = await pull('all', 'identifier=nobody&collector_code=BLR-02', branchesOnly)
    expectAnswer(without, { from: 'refusal', code: 'data_error', reason: 'miss' })
  })

  test('a student in doubt is asked of its branch’s own', async () => {
    expectAnswer(await pull('all', 'identifier=doubted-in-1', branchesOnly), unknownTo('suspect'))
    const without: Expected = { from: 'refusal', code: 'data_error', reason: 'suspect' }
    expectAnswer(await pull('all', 'identifier=doubted-in-2', branchesOnly), without)
  })
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
    expectAnswer(await pull('all', 'identifier=silent'), { from: 'erp', status: 200, body, reason: 'stale' })
    behaviours.set('silent', FAILS)
    const answer = await pull('all', 'identifier=silent')
    expectAnswer(answer, known(body, 'stale'))
    behaviours.set('silent', { kind: 'wrong-student' })
    expectAnswer(await pull('all', 'identifier=silent'), known(body, 'stale'))

    students.set('silent and left', [refusal('student_discontinued', 'Left.')])
    const left = JSON.stringify(refusal('student_discontinued', 'Left.').body)
    const said = await pull('all', 'identifier=silent%20and%20left')
    expectAnswer(said, { from: 'erp', status: 422, body: left, reason: 'stale' })
    behaviours.set('silent and left', { kind: 'hang' })
    expectAnswer(await pull('all', 'identifier=silent+and+left'), known(left, 'stale', 422))
  })

  test('is nothing where the operator does not allow it, or nothing is known', async () => {
    behaviours.set('silent too', { kind: 'ok' })
    students.set('silent too', [active({ identifier: 'silent too', collector_code: SILENT })])
    expect((await pull('all', 'identifier=silent+too', forgetful)).status).toBe(200)
    behaviours.set('silent too', FAILS)
    expectAnswer(await pull('all', 'identifier=silent+too', forgetful), nobody('temporarily_unavailable'))
    behaviours.set('doubted', FAILS)
    expectAnswer(await pull('all', 'identifier=doubted'), nobody('temporarily_unavailable'))
    behaviours.set('nobody', { kind: 'redirect' })
    expectAnswer(await pull('all', 'identifier=nobody&grade=1'), nobody('erp_bad_response'))
  })

  test('is the projection’s answer where that was proven lately; with Redis gone too, the ERP’s', async () => {
    behaviours.set('in-1', FAILS)
    behaviours.set('in-2', FAILS)
    expectAnswer(await pull('all', 'identifier=in-1'), projection('in-1', 'BLR-01'))
    world.kafka.refuse()
    try {
      expectAnswer(await pull('all', 'identifier=in-1'), known(hitBody('in-1', 'BLR-01'), 'stale'))
      expectAnswer(await pull('all', 'identifier=in-1', forgetful), nobody('temporarily_unavailable'))
      const fields = { identifier: 'in-3', collector_code: 'BLR-03' }
      students.set('in-3', [active(fields)])
      expectAnswer(await pull('all', 'identifier=in-3'), {
        from: 'erp',
        status: 200,
        body: asBody(fields),
        reason: 'stale',
      })
      behaviours.set('in-3', FAILS)
      world.redis.refuse()
      expectAnswer(await pull('all', 'identifier=in-3'), known(asBody(fields), 'store_unavailable'))
      expectAnswer(await pull('all', 'identifier=in-1'), nobody('temporarily_unavailable'))
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
      const answer = await pull('all', 'identifier=in-1', quick)
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
      const { status, headers } = await pull('all', 'identifier=in-1', hasty)
      return status === 200 && headers['x-pullgate-source'] === 'erp'
    }
    // On a machine that is busy elsewhere half a second may be too short now and then.
    await until('the ERP’s answer', isAnswered, 30_000)
  } finally {
    world.redis.speak()
    await until('Redis to be back', () => isProjected(port), 30_000)
  }
}, 90_000)
