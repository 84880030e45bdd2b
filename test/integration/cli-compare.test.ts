import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { ProjectionReader } from '../../consumers/ports/store.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type CompareDeps, compareStudent } from '../../src/audit/compare-student.ts'
import { openState } from '../../src/cli/audit/state-file.ts'
import { walk } from '../../src/cli/audit/walk.ts'
import { progress } from '../../src/cli/command/progress.ts'
import type { Config } from '../../src/config/load.ts'
import { erpDirectory } from '../../src/erp/directory.ts'
import { buildLog } from '../../src/logging.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { erpSays } from '../support/afternoon.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { foldLog } from '../support/fold-log.ts'
import { publisher } from '../support/school.ts'

/** A real ERP over HTTP against a projection whose record the test holds in its hand. */

const TOPIC = 'erp.student-events'
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const ID = 'S-101' as StudentId
const quiet = buildLog({ level: 'silent', destination: { write: () => {} }, terminal: false })

let erp: FakeErp
let deps: CompareDeps
let looks: number
/** What the projection holds at the nth look; the last one stays. */
let held: readonly (Uint8Array | null)[]
let records: readonly Buffer[]

beforeEach(async () => {
  erp = await fakeErp({ students: erpSays() })
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 1))
  const school = publisher(TOPIC, 1)
  const stages: Buffer[] = []
  for (const event of [school.enrolled(ID), school.assessed(ID, 10_000), school.paid(ID, 'P1', 3000)]) {
    await log.append([event])
    stages.push((await foldLog(log, TOPIC, 1, POLICY, 'Asia/Kolkata')).get(ID)!)
  }
  records = stages
  looks = 0
  const signature = signatureOf(POLICY, 'Asia/Kolkata', TOPIC, 1)
  const reader: Pick<ProjectionReader, 'student'> = {
    student: async (partition) => {
      const record = held[Math.min(looks, held.length - 1)] ?? null
      looks += 1
      return { generation: 1, partition, checkpoint: { next: 3, metadata: `${signature} x {}` }, lease: null, record }
    },
  }
  const config = {
    topic: { name: TOPIC, partitions: 1 },
    policy: POLICY,
    timezone: 'Asia/Kolkata',
    pull: { path: '/fetch-student', deadline_ms: 3000 },
    erp: {
      url: erp.url,
      username: 'u',
      password: 'p',
      timeout_ms: 2000,
      max_concurrent: 2,
      breaker: { error_percent: 50, volume: 20, reset_ms: 100 },
    },
    branches: [],
  } as unknown as Config
  const engine = { log, store: { reader } } as unknown as Engine
  deps = { engine, config, erps: erpDirectory(config, { log: quiet }), settleMs: 1, turn: async () => {} }
})
afterEach(async () => {
  await deps.erps.close()
  await erp.close()
})

const outcome = async () => {
  const [compared] = await compareStudent(deps, ID)
  return [compared?.outcome, compared?.differences.map(({ field }) => field)]
}

test('the same answer is the same', async () => {
  held = [records[2]!]
  expect(await outcome()).toEqual(['same', []])
  expect(erp.calls()).toBe(1)
})

test('a difference that lasts differs', async () => {
  held = [records[1]!]
  expect(await outcome()).toEqual(['differs', ['fee_components[TUITION]']])
  expect(erp.calls(), 'it was looked at again').toBe(2)
})

test('a difference that an event in flight makes good is none', async () => {
  held = [records[1]!, records[1]!, records[1]!, records[2]!]
  expect(await outcome()).toEqual(['same', []])
})

test('a student that goes on changing is not judged', async () => {
  const changing = [records[0]!, records[1]!]
  held = Array.from({ length: 40 }, (_, index) => changing[index % 2]!)
  const [result] = await outcome()
  expect(['moving', 'incoherent']).toContain(result)
})

test('one that the projection does not know is unknown, or absent where the ERP does not know it either', async () => {
  held = [null]
  expect(await outcome()).toEqual(['unknown', []])
  erp.students.clear()
  expect(await outcome()).toEqual(['absent', []])
})

test('an ERP that fails is no difference', async () => {
  held = [records[1]!]
  await erp.behave({ kind: 'refuse' })
  expect(await outcome()).toEqual(['unasked', []])
})

test('a walk that is resumed asks only about whom it had not come to', async () => {
  held = [records[2]!]
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-walk-'))
  try {
    const file = join(folder, 'state')
    const students = async function* (ids: readonly string[]) {
      for (const id of ids) yield { identifier: id as StudentId, branch: null }
    }
    const told: string[] = []
    const go = (ids: readonly string[]) =>
      walk(
        deps,
        students(ids),
        { state: openState(file, 'a list'), concurrency: 2, total: undefined, bar: progress('', { write: () => {} }) },
        async (compared) => void told.push(...compared.map(({ identifier, outcome: one }) => `${identifier} ${one}`)),
      )
    await go([ID])
    expect([erp.calls(), told]).toEqual([1, ['S-101 same']])
    await go([ID, 'S-105'])
    expect(erp.requests().map(({ query }) => query.get('identifier'))).toContain('S-105')
    expect(erp.requests().filter(({ query }) => query.get('identifier') === ID)).toHaveLength(1)
    expect(
      told.filter((line) => line === 'S-101 same'),
      'what was done is told again',
    ).toHaveLength(2)
  } finally {
    await rm(folder, { recursive: true })
  }
})
