import { afterEach, expect, test } from 'vitest'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { type Scout, startScout } from '../../../../consumers/scout/scout.ts'
import type { ScoutDeps } from '../../../../consumers/scout/scout-deps.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { batch, sid } from '../../../support/store-fixtures.ts'
import { until } from '../../../support/until.ts'

const TOPIC = 't'
const PARTITIONS = 2

/** Students whose home is partition 0. */
const AT_HOME = Array.from({ length: 40 }, (_, i) => `S-${i}`).filter((id) => partitionOf(id, PARTITIONS) === 0)
const [A = '', B = '', C = ''] = AT_HOME

let running: Scout | null = null
afterEach(async () => {
  await running?.stop()
  running = null
})

/** A log and a store of which partition 0 has applied the first `applied` records. */
const worldOf = async (applied: number, part: Partial<ScoutDeps> = {}) => {
  const log = memoryLog()
  await log.ensureTopics([{ name: TOPIC, partitions: PARTITIONS, settings: new Map() }])
  const store = memoryStore(PARTITIONS)
  await store.admin.activate(null, 1)
  const failures: unknown[] = []
  const world = {
    log,
    store,
    failures,
    marks: new Map<number, number>(),
    scanned: 0,
    full: 0,
    publish: (...ids: readonly string[]) =>
      log.append(
        ids.map((id) => ({
          topic: TOPIC,
          partition: 0,
          key: Buffer.from(id),
          value: Buffer.from(JSON.stringify({ data: { student: { identifier: id } } })),
          headers: [],
        })),
      ),
    apply: async (next: number) => {
      const before = await store.writer.checkpoint(1, 0)
      const { identity } = (await log.ends(TOPIC, [0])).get(0)!
      const checkpoint = { next, metadata: `sig ${identity} {}` }
      await store.writer.apply(batch({ expected: before?.next ?? null, checkpoint }))
    },
    scouted: () => store.writer.scouted(0),
    markOf: async (id: string) => (await store.reader.studentAhead(0, sid(id))).scouted?.mark,
    scout: null as unknown as Scout,
  }
  await world.apply(applied)
  running = startScout({
    log,
    store: store.writer,
    topic: TOPIC,
    partitions: PARTITIONS,
    partitionOf: (id: StudentId) => partitionOf(id, PARTITIONS),
    generation: async () => 1,
    mayProve: () => true,
    boundMs: 2000,
    observer: {
      scanned: (records) => (world.scanned += records),
      marks: (partition, count) => world.marks.set(partition, count),
      full: () => (world.full += 1),
      failed: (_what, error) => failures.push(error),
    },
    ...part,
  })
  world.scout = running
  return world
}

const upTo = (world: Awaited<ReturnType<typeof worldOf>>, offset: number) =>
  until(`all up to ${offset} to be scanned`, async () => (await world.scouted())?.upTo === offset)

test('a partition that is behind is scanned from its checkpoint to its end, and on as more comes', async () => {
  const world = await worldOf(1)
  await world.publish(A, B, A)
  world.scout.behind(0)
  await upTo(world, 3)
  expect(await world.scouted()).toMatchObject({ from: 1, upTo: 3, everybody: -1, misrouted: -1 })
  expect(await Promise.all([A, B, C].map(world.markOf))).toEqual([2, 1, -1])
  await world.publish(C)
  await upTo(world, 4)
  expect(await world.markOf(C)).toBe(3)
  expect(world.marks.get(0)).toBe(3)
  expect(world.scout.active()).toEqual([0])
})

test('nothing is read while nobody is behind', async () => {
  const world = await worldOf(0)
  await world.publish(A)
  expect([world.scanned, world.scout.active(), await world.scouted()]).toEqual([0, [], null])
})

test('what was scanned is forgotten once all of it is applied, and begun anew with the next backlog', async () => {
  const world = await worldOf(0)
  await world.publish(A, B)
  world.scout.behind(0)
  await upTo(world, 2)
  await world.apply(2)
  await until('it to be forgotten', async () => (await world.scouted()) === null)
  expect([world.scout.active(), world.marks.get(0)]).toEqual([[], 0])
  await world.publish(C)
  world.scout.behind(0)
  await upTo(world, 3)
  expect(await world.scouted()).toMatchObject({ from: 2, upTo: 3 })
  expect(await world.markOf(A)).toBe(-1)
})

test('a partition that is left keeps what was scanned, and whoever takes it over goes on behind that', async () => {
  const world = await worldOf(0)
  await world.publish(A, B)
  world.scout.behind(0)
  await upTo(world, 2)
  world.scout.leave(0)
  const before = world.scanned
  await world.publish(C)
  world.scout.behind(0)
  await upTo(world, 3)
  expect(world.scanned - before).toBe(1)
  expect(await Promise.all([A, B, C].map(world.markOf))).toEqual([0, 1, 2])
})

test('a checkpoint that went back is covered again, from where it is', async () => {
  const world = await worldOf(0)
  await world.publish(A, B, C)
  const snapshot = world.store.snapshot()
  await world.apply(2)
  world.scout.behind(0)
  await upTo(world, 3)
  expect(await world.scouted()).toMatchObject({ from: 2 })
  world.store.restore(snapshot)
  await until('the range to reach down', async () => (await world.scouted())?.from === 0)
  expect(await Promise.all([A, B, C].map(world.markOf))).toEqual([0, 1, 2])
})

test('a log that lost its end is another one: it is scanned anew', async () => {
  const world = await worldOf(0)
  await world.publish(A, B)
  world.scout.behind(0)
  await upTo(world, 2)
  world.log.truncate(TOPIC, 0, 1)
  await world.publish(C)
  const { identity } = (await world.log.ends(TOPIC, [0])).get(0)!
  await until('the new one to be scanned', async () => (await world.scouted())?.identity === identity)
  await upTo(world, 2)
  expect(await Promise.all([A, B, C].map(world.markOf))).toEqual([0, -1, 1])
})

test('a misrouted record is told, wherever its student belongs', async () => {
  const world = await worldOf(0)
  const away = Array.from({ length: 40 }, (_, i) => `S-${i}`).find((id) => partitionOf(id, PARTITIONS) === 1)!
  await world.publish(A, away, B)
  world.scout.behind(0)
  await upTo(world, 3)
  expect(await world.scouted()).toMatchObject({ misrouted: 1 })
  expect(await world.markOf(away)).toBe(1)
})

test('where there is no room for marks the scout waits until enough is applied', async () => {
  const world = await worldOf(0, { marksAtMost: 2 })
  await world.publish(A, B)
  world.scout.behind(0)
  await upTo(world, 2)
  await world.publish(C)
  await until('it to be full', () => world.full > 0)
  expect(await world.scouted()).toMatchObject({ upTo: 2 })
  await world.apply(1)
  await upTo(world, 3)
  expect(await world.markOf(C)).toBe(2)
})

test('the scout proves an end that was asked for once it is scanned, dated by the store’s clock', async () => {
  const world = await worldOf(0)
  await world.publish(A, B)
  world.scout.behind(0)
  const proof = async () => (await world.store.reader.studentAhead(0, sid(A))).scouted?.proof
  await until('a proof', async () => (await proof()) != null)
  expect(await proof()).toMatchObject({ end: 2 })
})

test('while settings forbid every proof, none is given', async () => {
  const world = await worldOf(0, { mayProve: () => false })
  await world.publish(A, B)
  world.scout.behind(0)
  await upTo(world, 2)
  await world.apply(1)
  await until('the checkpoint to be noticed', async () => (await world.scouted())?.from === 1)
  expect((await world.store.reader.studentAhead(0, sid(A))).scouted?.proof).toBeNull()
})

test('a store that fails for a while costs a pause', async () => {
  let fails = 3
  const world = await worldOf(0)
  await running?.stop()
  const { writer } = world.store
  await world.publish(A, B)
  running = startScout({
    log: world.log,
    store: {
      ...writer,
      scout: async (report) => {
        if (fails-- > 0) throw new Error('gone')
        return writer.scout(report)
      },
    },
    topic: TOPIC,
    partitions: PARTITIONS,
    partitionOf: () => 0,
    generation: async () => 1,
    mayProve: () => true,
    boundMs: 2000,
    observer: { scanned: () => {}, marks: () => {}, full: () => {}, failed: () => {} },
  })
  running.behind(0)
  await upTo(world, 2)
  expect(await world.markOf(B)).toBe(1)
})
