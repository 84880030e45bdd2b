import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import { active, type FakeStudents, refusal, studentBody } from '../support/fake-erp-students.ts'
import { type Expected, expectAnswer } from '../support/pull-expectations.ts'
import { hitBody, type StudentState, schoolEvents } from '../support/pull-students.ts'
import { credentials, openPullWorld, PATIENT_MS, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { until } from '../support/until.ts'
import { type Answer, call } from './http-edge.ts'

/** Who may see what, and lookups by custom identifier: over HTTP on real servers. */
const students: FakeStudents = new Map()
const behaviours = new Map<string, Behaviour>()

let world: PullWorld
let erp: FakeErp
let port: number
let lonely: number
let branchesOnly: number

const pull = (client: string, query: string, to = port): Promise<Answer> =>
  call(to, `/fetch-student?${query}`, { headers: { authorization: credentials(client) } })

const isProjected = async (to: number): Promise<boolean> =>
  (await pull('all', 'identifier=last', to)).headers['x-pullgate-source'] === 'projection'

const asBody = (fields: Parameters<typeof studentBody>[0]): string => JSON.stringify(studentBody(fields))
const nobody = (code: 'forbidden' | 'erp_bad_response' | 'temporarily_unavailable', reason?: string): Expected => ({
  from: 'nobody',
  code,
  ...(reason !== undefined && { reason }),
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
    probe: 'off',
    username: 'u',
    password: 'env:ERP_PASSWORD',
    timeout_ms: PATIENT_MS,
    breaker: { volume: 10_000 },
  }
  const pullSettings = { deadline_ms: 12_000 }
  const freshness = { wait_ms: PATIENT_MS }
  port = await world.gateway({ pull: pullSettings, freshness, erp: group })
  lonely = await world.gateway({ pull: pullSettings, freshness })
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
    expect(new Set(erp.requests().map(({ query }) => query.get('collector_code')))).toEqual(new Set(['BLR-01']))
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
    expectAnswer(await pull('one', 'identifier=foreign'), nobody('erp_bad_response', 'miss'))
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
    expectAnswer(await pull('one', 'identifier=doubted-in-2', lonely), nobody('temporarily_unavailable', 'miss'))
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
