import fc from 'fast-check'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import type { ScoutReport } from '../../consumers/ports/scouted.ts'
import type { PartitionWrite } from '../../consumers/ports/store.ts'
import { sid, weirdTexts } from '../support/store-fixtures.ts'

/** One call to a store, and what it let see, in a shape that two stores can be compared by. */
export type StoreCommand = { readonly name: string; readonly run: (store: ProjectionStore) => Promise<unknown> }

/** Few of everything, so that commands meet. */
const partition = fc.integer({ min: 0, max: 1 })
const generation = fc.constantFrom(1, 1, 1, 2, 3)
const offset = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(9, 10, Number.MAX_SAFE_INTEGER))
const someText = fc.oneof(
  fc.constantFrom('a', '__proto__'),
  fc.constantFrom(...weirdTexts.slice(0, 6), 'a', 'b'),
  fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme' }),
)
const id = someText.map(sid)
const bytes = fc.uint8Array({ maxLength: 20 })
const entries = fc.uniqueArray(fc.record({ custom: fc.constantFrom('', 'c', 'c\0', 'cc'), identifier: id }), {
  maxLength: 4,
  selector: ({ custom, identifier }) => JSON.stringify([custom, identifier]),
})
const ids = fc.uniqueArray(id, { maxLength: 4 })

/** Additions on even places, removals on odd ones: nothing stands in both. */
const halves = <T>(all: readonly T[]) => [all.filter((_, i) => i % 2 === 0), all.filter((_, i) => i % 2 === 1)] as const

const write: fc.Arbitrary<PartitionWrite> = fc
  .record({
    generation,
    partition,
    expected: fc.option(offset),
    checkpoint: fc.record({ next: offset, metadata: fc.string({ maxLength: 5, unit: 'grapheme' }) }),
    records: fc.array(fc.tuple(id, bytes), { maxLength: 4 }),
    custom: entries,
    suspects: ids,
    heartbeats: fc.array(fc.tuple(someText, fc.constantFrom(-1, 0, 9, 10, 2_000_000_000_000)), { maxLength: 3 }),
    misrouting: fc.array(someText, { maxLength: 2 }),
  })
  .map(({ custom, suspects, records, heartbeats, ...rest }) => {
    const [customAdded, customRemoved] = halves(custom)
    const [suspectAdded, suspectRemoved] = halves(suspects)
    const maps = { records: new Map(records), heartbeats: new Map(heartbeats) }
    return { ...rest, ...maps, customAdded, customRemoved, suspectAdded, suspectRemoved }
  })

const plain = (record: Uint8Array | null) => (record === null ? null : [...record])

const command = (name: string, run: StoreCommand['run']): StoreCommand => ({ name, run })

/** A write on whatever stands there now: what a projector does when all is well. */
const followingWrite = write.map((following) =>
  command('apply what follows', async ({ writer }) => {
    const at = await writer.checkpoint(following.generation, following.partition)
    return writer.apply({ ...following, expected: at?.next ?? null })
  }),
)

const last = fc.constantFrom(-1, 0, 3)
const scoutReport: fc.Arbitrary<ScoutReport> = fc
  .record({
    generation,
    partition,
    identity: fc.constantFrom('log.0', 'log.0', 'log.1'),
    from: fc.oneof(fc.nat({ max: 4 }), fc.constant(Number.MAX_SAFE_INTEGER - 3)),
    length: fc.nat({ max: 3 }),
    marks: fc.array(fc.tuple(id, fc.nat({ max: 6 })), { maxLength: 3 }),
    everybody: last,
    misrouted: last,
    begins: fc.boolean(),
    marksAtMost: fc.constantFrom(2, 100),
    proof: fc.option(fc.tuple(offset, fc.constantFrom(1, 4_000_000_000_000))),
  })
  .map(({ length, marks, proof, ...rest }) => ({
    ...rest,
    upTo: rest.from + length,
    marks: new Map(marks),
    proof: proof && { end: proof[0], provenAtMs: proof[1], boundMs: 1000 },
  }))

export const storeCommand: fc.Arbitrary<StoreCommand> = fc.oneof(
  { weight: 4, arbitrary: followingWrite },
  write.map((any) => command('apply', ({ writer }) => writer.apply(any))),
  fc
    .tuple(generation, partition, ids)
    .map(([g, p, asked]) => command('load', async ({ writer }) => (await writer.load(g, p, asked)).map(plain))),
  fc
    .tuple(generation, partition, offset, fc.boolean())
    .map(([g, p, next, young]) =>
      command('lease', ({ writer }) => writer.lease(g, p, { next, provenAtMs: young ? 4_000_000_000_000 : 1 }, 1000)),
    ),
  fc.tuple(partition, id).map(([p, asked]) =>
    command('student', async ({ reader }) => {
      const view = await reader.student(p, asked)
      return { ...view, record: plain(view.record) }
    }),
  ),
  fc
    .tuple(fc.option(generation), generation)
    .map(([from, to]) => command('activate', ({ admin }) => admin.activate(from, to))),
  fc.constant(command('new generation', ({ admin }) => admin.newGeneration())),
  generation.map((g) => command('remove', ({ admin }) => admin.removeGeneration(g))),
  {
    weight: 4,
    arbitrary: scoutReport.map((report) => command('scout', ({ writer }) => writer.scout(report))),
  },
  partition.map((p) => command('forget scouted', ({ writer }) => writer.forgetScouted(p))),
  fc.tuple(partition, id).map(([p, asked]) =>
    command('student ahead', async ({ reader }) => {
      const view = await reader.studentAhead(p, asked)
      return { ...view, record: plain(view.record) }
    }),
  ),
  id.map((asked) => command('partitions ahead', ({ reader }) => reader.partitionsAhead(asked))),
  someText.map((topic) => command('claim', ({ admin }) => admin.claim(topic))),
)

/** All that can be seen of a store through its port, sets in a fixed order. */
export const everythingSeen = async ({ reader, writer, admin }: ProjectionStore): Promise<unknown> => {
  const seen: unknown[] = [await admin.activeGeneration(), await reader.partitions(), await reader.scouted()]
  seen.push((await reader.heartbeats()).entries().toArray().toSorted())
  seen.push([...(await reader.misroutingSources())].toSorted())
  for (const custom of ['', 'c', 'c\0', 'cc']) {
    const found = await reader.byCustom(custom)
    seen.push({ ...found, ids: found.ids.toSorted() })
  }
  for (const p of [0, 1]) seen.push((await reader.suspects(p)).toSorted())
  for (const g of [1, 2, 3]) {
    const { students } = await admin.students(g, null)
    seen.push(students.map(({ partition: p, identifier }) => JSON.stringify([p, identifier])).toSorted())
    for (const p of [0, 1]) {
      const known = students.filter((student) => student.partition === p).map(({ identifier }) => identifier)
      const sorted = known.toSorted()
      seen.push([await writer.checkpoint(g, p), await writer.suspectCount(g, p)])
      seen.push((await writer.load(g, p, sorted)).map(plain))
    }
  }
  return seen
}
