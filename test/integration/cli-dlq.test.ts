import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const log = openLog()
let redis: PrivateRedis
let program: Program
let projector: Running
let topic: string

beforeAll(async () => {
  redis = await privateRedis()
  topic = await freshTopic(log, PARTITIONS)
  const config = `topic: { name: ${topic}, partitions: ${PARTITIONS} }\npolicy: { balance_basis: net_of_direct, paid_instalments: omit }\n`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
  projector = await program.start('projector')
}, 60_000)
afterAll(async () => {
  await projector?.stop()
  await program?.close()
  await redis?.close()
  await log.close()
})

type Letter = {
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly identifier: string | null
  readonly settled: boolean
}

const listed = async (...only: string[]): Promise<readonly Letter[]> =>
  JSON.parse((await program.run(['dlq', 'list', ...only, '--json'])).stdout)

const at = ({ partition, offset }: Letter): string => `${partition}:${offset}`

const broken = (record: NewRecord): NewRecord => ({
  ...record,
  value: Buffer.from(String(record.value).replace('"amount":500', '"amount":"five hundred"')),
})

const show = async (identifier: string) =>
  JSON.parse((await program.run(['student', 'show', identifier, '--json'])).stdout)

test('dead letters are listed, decided upon once, and a decision without effect is exit 1', async () => {
  const main = publisher(topic, PARTITIONS, '/erp/main')
  const stray: NewRecord = { topic, partition: 0, key: null, value: Buffer.from('{'), headers: [] }
  await log.append([
    main.enrolled('S-1'),
    main.assessed('S-1', 1000),
    broken(main.paid('S-1', 'P1', 500)),
    main.paid('S-1', 'P2', 100),
    main.enrolled('S-2'),
    main.assessed('S-2', 1000),
    { ...main.paid('S-2', 'P1', 300) },
    stray,
  ])
  const again = publisher(topic, PARTITIONS, '/erp/main')
  again.enrolled('S-2')
  again.assessed('S-2', 1000)
  const other = again.paid('S-2', 'P1', 400)
  await log.append([{ ...other, value: Buffer.from(String(other.value).replace('"S-2-3"', '"S-2-other"')) }])
  await until('three dead letters', async () => (await listed()).length === 3, 60_000)

  const letters = await listed()
  const of = (identifier: string | null): Letter => letters.find((letter) => letter.identifier === identifier)!
  expect(of('S-1')).toEqual({
    partition: partitionOf('S-1', PARTITIONS),
    offset: expect.any(Number),
    reason: 'poison',
    detail: expect.stringMatching(/^invalid_data: .*\/data\/amount/),
    identifier: 'S-1',
    settled: false,
    event: expect.objectContaining({ id: 'S-1-3' }),
  })
  expect(of('S-2')).toMatchObject({
    reason: 'conflict',
    detail: expect.stringMatching(/^number_taken/),
    settled: false,
  })
  expect(of(null), 'a student that cannot be told').toMatchObject({ reason: 'poison', event: '{' })
  expect((await listed('S-2')).map(at)).toEqual([at(of('S-2'))])

  const nothing = await program.run(['dlq', 'replay', 'S-2'])
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('nothing was done')])
  expect((await show('S-2')).suspect).toBe(true)

  const forced = await program.run(['dlq', 'replay', '--at', at(of('S-2')), '--force', '--json'])
  expect([forced.code, JSON.parse(forced.stdout)]).toEqual([
    0,
    [expect.objectContaining({ done: true, message: 'replayed' })],
  ])
  expect(await show('S-2')).toMatchObject({ suspect: false, enrolments: [{ money: { due: 600 } }] })

  const still = await program.run(['dlq', 'replay', 'S-1'])
  expect([still.code, still.stderr]).toEqual([1, expect.stringMatching(/is bad still .*nothing was done/)])
  expect((await listed('S-1')).map((letter) => letter.settled)).toEqual([false])

  expect((await program.run(['dlq', 'discard', 'S-1'])).code).toBe(0)
  expect(await show('S-1')).toMatchObject({ suspect: false, enrolments: [{ money: { due: 900 } }] })
  const settled = await program.run(['dlq', 'discard', '--at', at(of('S-1'))])
  expect([settled.code, settled.stderr]).toEqual([1, expect.stringContaining('is settled already')])

  const none = await program.run(['dlq', 'discard', '--all'])
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('nothing was done')])
  const nobody = await program.run(['dlq', 'discard', '--at', at(of(null))])
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('concerns no student')])
}, 180_000)

test('a forced discard goes on without what is missing, and names it', async () => {
  const sequenced = (identifier: string, source: string, missing: number, bad: string): readonly NewRecord[] => {
    const numbered = publisher(topic, PARTITIONS, source)
    const first = [numbered.enrolled(identifier), numbered.assessed(identifier, 1000)]
    for (let skipped = 0; skipped < missing; skipped += 1) numbered.paid(identifier, 'lost', 1)
    const late = numbered.paid(identifier, 'late', 100)
    return [...first, { ...late, value: Buffer.from(bad) }, late]
  }
  await log.append([
    ...sequenced('F-1', '/erp/f', 1, '{'),
    ...sequenced(
      'F-2',
      '/erp/f',
      3,
      '{"specversion":"1.0","id":"bad","source":"/erp/f","type":"erp.fee.changed.v1","sequence":"x"}',
    ),
  ])
  await until('two dead letters', async () => (await listed('F-1')).length + (await listed('F-2')).length === 2, 60_000)

  const unforced = await program.run(['dlq', 'discard', 'F-1', '--json'])
  expect([unforced.code, (await show('F-1')).suspect], 'of an unknown source nothing is let go').toEqual([0, true])

  const forced = await program.run(['dlq', 'discard', 'F-2', '--force', '--json'])
  expect([forced.code, JSON.parse(forced.stdout)[0].message]).toEqual([0, 'discarded, and skipped /erp/f#4–5'])
  expect(await show('F-2')).toMatchObject({ suspect: false, enrolments: [{ money: { due: 900 } }] })
}, 180_000)

test('a snapshot that was refused as stale is shown with what it would change', async () => {
  const main = publisher(topic, PARTITIONS, '/erp/main')
  const nightly = publisher(topic, PARTITIONS, '/erp/nightly')
  const enrolment = {
    ...{ grade: '5', academic_year_start: '2026', academic_year_end: '2027', collector_code: 'BLR-01' },
    ...{ status: 'active', fullname: 'Student T-1', new_admission: false, primary_contact_name: 'Parent' },
    ...{ primary_contact_number: '9800000000', primary_contact_email: 'parent@example.edu' },
    fee_components: [{ component_type: 'TUITION', amount: 900 }],
  }
  const readEarlier = {
    data: { student: { identifier: 'T-1' }, enrolments: [enrolment] },
    time: '2026-06-01T00:00:02Z',
  }
  const snapshot = nightly.event('T-1', 'erp.student.snapshot.v1', {}, { ...readEarlier, sequence: undefined })
  await log.append([main.enrolled('T-1'), main.assessed('T-1', 1000), main.paid('T-1', 'P1', 500), snapshot])
  await until('its dead letter', async () => (await listed('T-1')).length === 1, 60_000)

  const [letter] = await listed('T-1')
  expect(letter).toMatchObject({ reason: 'conflict', detail: expect.stringMatching(/^stale_snapshot/) })
  const undone = [
    'the snapshot would change:',
    '  BLR-01 · grade 5 · 2026',
    '      fee TUITION: 1000 → 900',
    '    - payment P1: 500 on 2026-06-02 by institute',
  ]
  expect((await program.run(['dlq', 'show', 'T-1'])).stdout.split('\n')).toEqual(expect.arrayContaining(undone))
  const history = (await program.run(['student', 'history', 'T-1'])).stdout
  for (const line of undone) expect(history).toContain(line)
  const steps = JSON.parse((await program.run(['student', 'history', 'T-1', '--json'])).stdout)
  expect(steps.map((step: { readonly would_change: unknown }) => step.would_change)).toEqual([
    ...[null, null, null],
    expect.arrayContaining([
      expect.objectContaining({ what: 'fee TUITION', from: '1000', to: '900' }),
      expect.objectContaining({ what: 'payment P1', to: null }),
    ]),
  ])

  expect((await program.run(['dlq', 'discard', 'T-1'])).code).toBe(0)
  expect((await program.run(['dlq', 'show', 'T-1'])).stdout).not.toContain('would change')
}, 180_000)
