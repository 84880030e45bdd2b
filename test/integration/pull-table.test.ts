import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import type { Behaviour } from '../support/fake-erp-behaviours.ts'
import type { FakeStudents } from '../support/fake-erp-students.ts'
import { freePort } from '../support/program.ts'
import { type Expected, expectAnswer } from '../support/pull-expectations.ts'
import { CLOSED, SILENT, SILENT_CLOSED, type StudentState, schoolEvents } from '../support/pull-students.ts'
import { credentials, openPullWorld, PATIENT_MS, type PullWorld, WORLD_PARTITIONS } from '../support/pull-world.ts'
import { until } from '../support/until.ts'
import { type Answer, call } from './http-edge.ts'
import { branchFor, doubtful, type ErpRow, erpRows, expectedOf, projected } from './pull-table-rows.ts'

/**
 * Every state of a student × everything that an ERP may do, then the same with Redis or Kafka silent or gone: over HTTP,
 * on a real Kafka, Redis, projector and ERP server. Each row has a student of its own, so that all are asked side by side.
 */
const DEADLINE_MS = 12_000
/** For a machine that does something else; the deadline itself is the server's. */
const MACHINE_MS = 3_000

type Row = {
  readonly title: string
  readonly identifier: string
  readonly query: string
  readonly expected: Expected
  readonly client?: string
}

const idOf = (state: string, erp: ErpRow): string => `${state}: the ERP ${erp.name}`
const queryOf = (identifier: string, rest = ''): string =>
  `/fetch-student?identifier=${encodeURIComponent(identifier)}${rest}`

const behaviours = new Map<string, Behaviour>()
const students: FakeStudents = new Map()
const prepare = (identifier: string, erp: ErpRow, branch: string): void => {
  if (erp.does !== 'closed') behaviours.set(identifier, erp.does)
  if (erp.says) students.set(identifier, [erp.says(identifier, branch)])
}

const doubtRows: readonly Row[] = doubtful.flatMap((state) =>
  erpRows.map((erp): Row => {
    const identifier = idOf(state, erp)
    const branch = branchFor(state, erp)
    // What the projection does not know, or knows twice, says nothing of its branch.
    const named = state === 'miss' || state === 'ambiguous' ? `&collector_code=${branch}` : ''
    const expected = expectedOf(state, erp, identifier, branch)
    return { title: identifier, identifier, query: queryOf(identifier, named), expected }
  }),
)

const sure = ['hit', 'left', 'moved'] as const
const unhelpful = erpRows.filter(({ name }) =>
  ['is well', 'hangs', 'fails', 'redirects', 'is not there'].includes(name),
)
const sureRows: readonly Row[] = sure.flatMap((state) =>
  unhelpful.map((erp): Row => {
    const identifier = idOf(state, erp)
    const query = queryOf(identifier, state === 'moved' ? '&grade=5' : '')
    return { title: identifier, identifier, query, expected: projected(state, identifier, branchFor(state, erp)) }
  }),
)

const faults = ['Redis silent', 'Redis gone', 'Kafka silent', 'Kafka gone'] as const
type Fault = (typeof faults)[number]
const faultRows = (fault: Fault): readonly Row[] =>
  erpRows
    .filter(({ does }) => does !== 'closed')
    .filter((_, index) => index % 3 === 0)
    .map((erp): Row => {
      const identifier = idOf('hit', erp)
      const reason = fault.startsWith('Redis') ? 'store_unavailable' : 'stale'
      return {
        title: `${fault}: the ERP ${erp.name}`,
        identifier,
        query: queryOf(identifier),
        expected: expectedOf(reason, erp, identifier, 'BLR-01'),
      }
    })

let world: PullWorld
let erp: FakeErp
let port: number
let lonely: number
const answers = new Map<string, { readonly answer: Answer; readonly ms: number }>()

const askAll = async (rows: readonly Row[], to: number): Promise<void> => {
  const left = [...rows]
  const asker = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const began = performance.now()
      const answer = await call(to, row.query, { headers: { authorization: credentials(row.client ?? 'all') } })
      answers.set(row.title, { answer, ms: performance.now() - began })
    }
  }
  await Promise.all(Array.from({ length: 32 }, asker))
}

const check = ({ title, expected }: Row): void => {
  const { answer, ms } = answers.get(title)!
  expectAnswer(answer, expected)
  expect(ms).toBeLessThan(DEADLINE_MS + MACHINE_MS)
}

const isProjected = async (identifier: string): Promise<boolean> => {
  const answer = await call(port, queryOf(identifier), { headers: { authorization: credentials('all') } })
  return answer.headers['x-pullgate-source'] === 'projection'
}

beforeAll(async () => {
  world = await openPullWorld()
  const closed = { url: `http://127.0.0.1:${await freePort()}/x`, username: 'u', password: 'env:ERP_PASSWORD' }
  erp = await fakeErp({ students, behaviours })
  const settings = { probe: 'off', timeout_ms: PATIENT_MS, max_concurrent: 100, breaker: { volume: 10_000 } }
  const heartbeat = { source: '/erp/never-heard-of', max_age_ms: 60_000 }
  const common = { pull: { deadline_ms: DEADLINE_MS }, freshness: { wait_ms: PATIENT_MS } }
  port = await world.gateway({
    ...common,
    erp: { ...closed, url: erp.url, ...settings },
    branches: [
      { collector_code: SILENT, heartbeat },
      { collector_code: CLOSED, erp: { ...closed, ...settings } },
      { collector_code: SILENT_CLOSED, heartbeat, erp: { ...closed, ...settings } },
    ],
  })
  lonely = await world.gateway({ ...common, branches: [{ collector_code: SILENT, heartbeat }] })

  const { of } = schoolEvents(world.topic, WORLD_PARTITIONS)
  const eventsOf = (state: StudentState, erps: readonly ErpRow[]) =>
    erps.flatMap((row) => {
      const branch = branchFor(state, row)
      prepare(idOf(state, row), row, branch)
      return of(state, idOf(state, row), { branch })
    })
  await world.publish([
    ...doubtful.flatMap((state) => eventsOf(state, erpRows)),
    ...eventsOf('hit', erpRows),
    ...eventsOf('left', unhelpful),
    ...eventsOf('moved', unhelpful),
    ...of('hit', 'last'),
  ])
  await until('the projection to answer', () => isProjected('last'), 60_000)
}, 120_000)
afterAll(async () => {
  await world?.close()
  await erp?.close()
}, 60_000)

describe('a student that the projection cannot answer for', () => {
  beforeAll(() => askAll(doubtRows, port), 120_000)
  test.each(doubtRows)('$title', check)
})

describe('a student that the projection answers for, whatever the ERP is like', () => {
  beforeAll(async () => {
    erp.forget()
    await askAll(sureRows, port)
  }, 60_000)
  test.each(sureRows)('$title', check)
  test('no ERP was asked for any of them', () => expect(erp.calls()).toBe(0))
})

const refusal = (code: 'student_not_found' | 'data_error', reason: string): Expected => ({
  from: 'refusal',
  code,
  reason,
})
const well = erpRows[0]!
const lonelyRows: readonly Row[] = (
  [
    ['miss', refusal('student_not_found', 'miss')],
    ['suspect', refusal('data_error', 'suspect')],
    ['incoherent', refusal('data_error', 'incoherent')],
    ['ambiguous', refusal('data_error', 'ambiguous')],
    ['stale', { from: 'nobody', code: 'temporarily_unavailable', reason: 'stale' }],
  ] as const
).map(([state, expected]) => ({
  title: `nobody to ask: ${state}`,
  identifier: idOf(state, well),
  query: queryOf(idOf(state, well), state === 'miss' ? '&collector_code=BLR-01' : ''),
  expected,
}))

describe('without any ERP', () => {
  beforeAll(() => askAll(lonelyRows, lonely), 60_000)
  test.each(lonelyRows)('$title', check)
})

describe.each(faults)('%s', (fault) => {
  const rows = faultRows(fault)
  const alone: Row = {
    title: `${fault}, and nobody to ask`,
    identifier: 'last',
    query: queryOf('last'),
    expected: {
      from: 'nobody',
      code: 'temporarily_unavailable',
      reason: fault.startsWith('Redis') ? 'store_unavailable' : 'stale',
    },
  }
  const proxy = () => (fault.startsWith('Redis') ? world.redis : world.kafka)
  beforeAll(async () => {
    if (fault.endsWith('silent')) proxy().silence()
    else proxy().refuse()
    await askAll(rows, port)
    await askAll([alone], lonely)
  }, 60_000)
  afterAll(async () => {
    if (fault.endsWith('silent')) proxy().speak()
    else proxy().accept()
    await until(`${fault} to be over`, () => isProjected('last'), 30_000)
  }, 60_000)
  test.each([...rows, alone])('$title', check)
})

test('when all are back, the projection answers for all that it knows', async () => {
  answers.clear()
  await askAll(sureRows, port)
  for (const row of sureRows) check(row)
})
