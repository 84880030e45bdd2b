import { describe, expect, test } from 'vitest'
import { exportLines } from '../../consumers/history/export.ts'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { REROUTED_FROM } from '../../consumers/rerouting/reroute.ts'
import { decodeRecord, stateOf } from '../../consumers/stored/record.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { placesNamed } from '../../src/cli/events/decisions.ts'
import { readEventLine } from '../../src/cli/events/event-line.ts'
import { publication } from '../../src/cli/events/publication.ts'
import { memoryLog } from '../../src/memory/log.ts'
import { decision, EVENT } from '../support/events.ts'
import { foldLog, readAll } from '../support/fold-log.ts'
import { generateHistory } from '../support/generate.ts'
import { layOut } from '../support/generate-log.ts'
import { hostileInputs } from '../support/hostile.ts'

const [OLD, NEW] = ['erp.student-events', 'erp.moved']
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const

const ERASED = {
  type: 'erp.student.erased.v1',
  data: { student: { identifier: 'S-1' } },
}
const ENROLS = {
  ...EVENT,
  id: 'enrols',
  type: 'erp.student.enrolled.v1',
  data: {
    student: { identifier: 'S-1', grade: '5', academic_year_start: '2026', academic_year_end: '2027' },
    fullname: 'A',
    new_admission: true,
    primary_contact_name: 'B',
    primary_contact_number: '1',
    primary_contact_email: '',
  },
}
const at = (offset: number, value: Buffer | null): LogRecord => ({
  partition: 0,
  offset,
  timestampMs: 1_780_000_000_000 + offset,
  key: Buffer.from('S-1'),
  value,
  headers: [],
})

/** One log exported, and its lines published into a new one of the same name or another, with another number of partitions. */
const move = async (records: readonly LogRecord[], partitions: number, to: { topic: string; partitions: number }) => {
  const [old, fresh] = [memoryLog(), memoryLog()]
  await old.ensureTopics(topicSpecs(OLD, partitions))
  await fresh.ensureTopics(topicSpecs(to.topic, to.partitions))
  for (const record of records) await old.append([{ topic: OLD, ...record }])
  const lines: Buffer[] = []
  const deps = {
    log: old,
    topic: OLD,
    partitions,
    partitionOf: (id: string) => partitionOf(id, partitions),
    onProgress: () => {},
  }
  for await (const line of exportLines(deps)) lines.push(Buffer.from(line))

  const events = lines.map((bytes, index) => {
    const read = readEventLine({ file: 'export', number: index + 1, bytes }, to.partitions)
    if (read.kind === 'bad') throw new Error(`${bytes}: ${JSON.stringify(read.problems)}`)
    return read
  })
  const named = new Set(events.flatMap(({ decides, record }) => (decides ? placesNamed(record) : [])))
  const publishing = publication(fresh, to.topic, named)
  for (const event of events) await publishing.add(event)
  await publishing.flush()
  expect(publishing.lost()).toBe(0)
  return { old, fresh, lines }
}

/** All that outlives a move: places differ. */
const said = (records: ReadonlyMap<string, Buffer>) =>
  new Map(
    [...records]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([identifier, record]) => {
        const { suspect, enrolments, sources } = decodeRecord(record)
        const { letters, waiting, seen, sources: known, newest } = decodeState(stateOf(record))
        return [
          identifier,
          {
            suspect,
            sources,
            enrolments: enrolments.map((one) => ({
              ...one,
              now: told(one.now),
              later: one.later && told(one.later.phase),
            })),
            letters: letters.map(({ place, ...letter }) => letter),
            waiting: waiting.map(({ kind, event }) => [kind, event.envelope.identity]),
            seen: seen.count,
            known: [...known].map(([name, { newest: last, ...state }]) => [name, { ...state, last: last?.at }]),
            newest: newest.map(({ about, events }) => [about, events.map(({ source, at: when }) => [source, when])]),
          },
        ]
      }),
  )
const told = ({ body, ...phase }: { readonly body: Buffer | null }) => ({ ...phase, body: body?.toString() })

const bothSay = async (
  records: readonly LogRecord[],
  partitions: number,
  to: { topic: string; partitions: number },
) => {
  const { old, fresh, lines } = await move(records, partitions, to)
  const [before, after] = [
    await foldLog(old, OLD, partitions, POLICY, 'Asia/Kolkata'),
    await foldLog(fresh, to.topic, to.partitions, POLICY, 'Asia/Kolkata'),
  ]
  expect(said(after)).toEqual(said(before))
  return lines
}

describe('an exported log that is published anew gives the same answers', () => {
  for (const to of [
    { topic: OLD, partitions: 16 },
    { topic: NEW, partitions: 5 },
  ])
    test(`into ${to.topic} of ${to.partitions} partitions`, async () => {
      for (let seed = 1; seed <= 25; seed += 1) await bothSay(layOut(generateHistory(seed), 16, { topic: OLD }), 16, to)
    })

  test('with everything bad that has been thought of in it', async () => {
    const offsets = new Map<number, number>()
    const records = hostileInputs().map(({ key, value, headers }): LogRecord => {
      const partition = 0
      const offset = offsets.get(partition) ?? 0
      offsets.set(partition, offset + 1)
      return { partition, offset, timestampMs: 1_780_000_000_000 + offset, key, value, headers }
    })
    await bothSay(records, 1, { topic: NEW, partitions: 3 })
  }, 60_000)

  test('with an operator’s decisions, which name letters by where they lay', async () => {
    const bytes = (said: object): Buffer => Buffer.from(JSON.stringify({ ...EVENT, ...said }))
    const poison = bytes({ id: 'p', type: 'erp.fee.lost.v1', sequence: '1', data: { student: { identifier: 'S-1' } } })
    const other = bytes({ id: 'o', type: 'erp.fee.lost.v1', sequence: '2', data: { student: { identifier: 'S-1' } } })
    const letters = [at(7, poison), at(8, other)]
    const noise = Array.from({ length: 7 }, (_, offset) => at(offset, null))
    const decided = decision('discard', [8])
    const records = [...noise, ...letters, at(9, bytes({ id: 'd', ...decided }))]
    const lines = await bothSay(records, 1, { topic: NEW, partitions: 3 })
    expect(lines.length, 'tombstones are left out').toBe(3)
  })
})

test('a moved event that was overtaken is a contradiction in the new log as in the old one', async () => {
  const [right, wrong] = [partitionOf('S-1', 4), (partitionOf('S-1', 4) + 1) % 4]
  const value = (id: string): Buffer => Buffer.from(JSON.stringify({ ...EVENT, id, ...ERASED }))
  const original = { ...at(0, value('early')), partition: wrong, timestampMs: 1000 }
  const from = [REROUTED_FROM, Buffer.from(`${OLD}/${wrong}/0`)] as const
  const records = [
    original,
    { ...at(0, value('late')), partition: right, timestampMs: 2000 },
    { ...at(1, value('enrols')), partition: right, timestampMs: 3000, value: Buffer.from(JSON.stringify(ENROLS)) },
    { ...original, partition: right, offset: 2, headers: [from] },
  ]
  const { old, fresh } = await move(records, 4, { topic: NEW, partitions: 3 })
  for (const [log, topic, partitions] of [
    [old, OLD, 4],
    [fresh, NEW, 3],
  ] as const) {
    const record = (await foldLog(log, topic, partitions, POLICY, 'Asia/Kolkata')).get('S-1' as StudentId)!
    expect(decodeRecord(record).suspect, topic).toBe(true)
  }
})

test('a record that was not moved yet is exported as if it had been, after all others', async () => {
  const wrong = [0, 1, 2, 3].find((partition) => partition !== partitionOf('S-1', 4))!
  const early = Buffer.from(
    JSON.stringify({ ...EVENT, id: 'm', type: 'erp.x.v1', data: { student: { identifier: 'S-1' } } }),
  )
  const { lines, fresh } = await move([{ ...at(0, early), partition: wrong }], 4, { topic: NEW, partitions: 1 })
  expect(lines.map(String)).toEqual([expect.stringContaining('"pullgatererouted":"true"')])
  const [record] = await readAll(fresh, NEW, 0)
  expect(record?.value).toEqual(early)
  expect(record?.headers.map(([name]) => name)).toEqual(['pullgate-rerouted-earlier'])
})

test('an original whose copy is in the log is left out, and a copy counts once', async () => {
  const wrong = [0, 1, 2, 3].find((partition) => partition !== partitionOf('S-1', 4))!
  const value = Buffer.from(JSON.stringify({ ...EVENT, id: 'm', ...ERASED }))
  const original = { ...at(0, value), partition: wrong }
  const copy = (offset: number): LogRecord => ({
    ...at(offset, value),
    partition: partitionOf('S-1', 4),
    headers: [[REROUTED_FROM, Buffer.from(`${OLD}/${wrong}/0`)]],
  })
  const { lines } = await move([original, copy(0), copy(1)], 4, { topic: NEW, partitions: 4 })
  expect(lines.length).toBe(1)
})

test('a marked line that was written anew is told, not guessed at', () => {
  const line = '{"specversion":"1.0","pullgateat":"0:1"}'
  expect(readEventLine({ file: 'x', number: 1, bytes: Buffer.from(line) }, 4)).toMatchObject({
    kind: 'bad',
    problems: [{ pointer: '/pullgateat' }],
  })
})

test('only an export may bear an operator’s decision', () => {
  const event = JSON.stringify({ ...EVENT, id: 'd', ...decision('discard', [8]) })
  const read = (text: string) => readEventLine({ file: 'x', number: 1, bytes: Buffer.from(text) }, 4)
  expect(read(event)).toMatchObject({ kind: 'bad', problems: [{ pointer: '/source' }] })
  expect(read(`{"pullgateat":"0:9","pullgatetime":"1",${event.slice(1)}`)).toMatchObject({
    kind: 'event',
    decides: true,
  })
})
