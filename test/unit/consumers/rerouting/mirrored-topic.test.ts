import { afterEach, beforeEach, expect, test } from 'vitest'
import { headerText } from '../../../../consumers/events/envelope.ts'
import { type NewRecord, topicOf } from '../../../../consumers/ports/log.ts'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import { REROUTED_FROM, REROUTED_TOPIC } from '../../../../consumers/rerouting/reroute.ts'
import { type MemoryLog, memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { rebuild } from '../../../../src/rebuild/rebuild.ts'
import { readAll } from '../../../support/fold-log.ts'
import { projectionOn } from '../../../support/projection.ts'
import { publisher } from '../../../support/school.ts'

const TOPIC = 'events'
const PARTITIONS = 2
const ID = 'S-1'
const home = partitionOf(ID, PARTITIONS)
const away = 1 - home

let log: MemoryLog
let school: ReturnType<typeof publisher>

beforeEach(async () => {
  log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, PARTITIONS))
  school = publisher(TOPIC, PARTITIONS)
})
afterEach(() => log.close())

const fee = (amount: number): NewRecord => school.feeChanged(ID, amount)
const misrouted = (record: NewRecord): NewRecord => ({ ...record, partition: away })
const marked = (record: NewRecord, offset: number, id?: string): NewRecord => ({
  ...record,
  headers: [
    ...record.headers,
    [REROUTED_FROM, Buffer.from(`${TOPIC}/${away}/${offset}`)],
    ...(id === undefined ? [] : [[REROUTED_TOPIC, Buffer.from(id)] as const]),
  ],
})

const projected = async () => {
  const store = memoryStore(PARTITIONS)
  const projection = projectionOn(log, store, TOPIC, PARTITIONS)
  const projector = await projection.project()
  await projection.caughtUp()
  await projection.caughtUp()
  const record = await projection.record((await store.admin.activeGeneration())!, ID)
  await projector.stop()
  return { store, projection, text: Buffer.from(record!).toString('latin1') }
}

test('copies of another cluster’s log hide nothing that this log moves later, however many they are', async () => {
  await log.append([school.enrolled(ID), school.assessed(ID, 100)])
  // Mirrored: each was moved in another log, from offsets that this log reaches later.
  await log.append(Array.from({ length: 100 }, (_, offset) => marked(fee(200 + offset), offset, 'another')))
  await log.append([misrouted(fee(4711))])
  expect((await projected()).text).toContain('4711')
})

test('copies without a topic’s id, whose originals are not in this log, hide nothing either', async () => {
  await log.append([school.enrolled(ID), school.assessed(ID, 100)])
  await log.append(Array.from({ length: 100 }, (_, offset) => marked(fee(200 + offset), offset)))
  await log.append([misrouted(fee(4711))])
  expect((await projected()).text).toContain('4711')
})

test('a moved record bears its place, the topic’s id and its own time, and a rebuild does not move it again', async () => {
  await log.append([school.enrolled(ID), school.assessed(ID, 100)])
  await log.append([{ ...misrouted(fee(4711)), timestampMs: 1234 }])
  const { projection } = await projected()
  const before = await readAll(log, TOPIC, home)
  const copy = before.at(-1)!
  const { identity } = (await log.ends(TOPIC, [home])).get(home)!
  expect(headerText(copy.headers, REROUTED_FROM)).toBe(`${TOPIC}/${away}/0`)
  expect(headerText(copy.headers, REROUTED_TOPIC)).toBe(topicOf(identity))
  expect(copy.timestampMs).toBe(1234)
  const options = { sample: null, acceptDifferences: false }
  expect(await rebuild(projection.rebuildDeps(), options, new AbortController().signal)).toMatchObject({
    kind: 'switched',
  })
  expect(await readAll(log, TOPIC, home)).toHaveLength(before.length)
})

test('a copy without a topic’s id, as earlier versions wrote it, counts for its original: neither is applied twice', async () => {
  const moved = fee(4711)
  await log.append([school.enrolled(ID), school.assessed(ID, 100), misrouted(moved), marked(moved, 0), fee(5)])
  const { text } = await projected()
  expect(text).toContain('"fee_amount":5}')
  expect(await readAll(log, TOPIC, home)).toHaveLength(4)
})

test('a copy that names this log’s id and comes again is a duplicate', async () => {
  const { identity } = (await log.ends(TOPIC, [home])).get(home)!
  const id = topicOf(identity)
  await log.append([school.enrolled(ID), school.assessed(ID, 100)])
  await log.append([marked(fee(4711), 7, id), marked(fee(4712), 7, id)])
  const { text } = await projected()
  expect(text).toContain('4711')
  expect(text).not.toContain('4712')
})
