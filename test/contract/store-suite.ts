import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProjectionStore } from '../../src/store/projection-store.ts'
import { batch, records, sid, weirdTexts } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'

export const partitionCount = 4

export type StoreUnderTest = {
  readonly store: ProjectionStore
  readonly wipe: () => Promise<void>
  readonly close: () => Promise<void>
}

const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

const studentsListed = async ({ admin }: ProjectionStore, generation: number): Promise<ReadonlySet<string>> => {
  const listed = new Set<string>()
  let cursor: string | null = null
  do {
    const page = await admin.students(generation, cursor)
    for (const { partition, identifier } of page.students) listed.add(`${partition} ${identifier}`)
    cursor = page.next
  } while (cursor !== null)
  return listed
}

/** What every adapter of the projection store must do. */
export const storeSuite = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`the projection store, ${name}`, () => {
    let under: StoreUnderTest
    let store: ProjectionStore
    beforeAll(async () => {
      under = await open()
      store = under.store
    })
    beforeEach(() => under.wipe())
    afterAll(() => under.close())

    describe('a write', () => {
      it('is applied where there is no checkpoint and none is expected', async () => {
        expect(await store.writer.apply(batch({ checkpoint: { next: 7, tail: 'a tail' } }))).toEqual({
          kind: 'applied',
        })
        expect(await store.writer.checkpoint(1, 0)).toEqual({ next: 7, tail: 'a tail' })
      })

      it('is absent where a checkpoint is expected and there is none', async () => {
        expect(await store.writer.apply(batch({ expected: 3, records: records({ a: '1' }) }))).toEqual({
          kind: 'absent',
        })
        expect(await store.writer.checkpoint(1, 0)).toBeNull()
        expect(await store.writer.load(1, 0, [sid('a')])).toEqual([null])
      })

      it('is behind where the store is older than expected, and changes nothing', async () => {
        await store.writer.apply(batch({ checkpoint: { next: 9, tail: '' } }))
        const write = batch({ expected: 10, checkpoint: { next: 12, tail: '' }, records: records({ a: '1' }) })
        expect(await store.writer.apply(write)).toEqual({ kind: 'behind', at: 9 })
        expect(await store.writer.load(1, 0, [sid('a')])).toEqual([null])
      })

      it('is ahead where the store is younger than expected, and changes nothing', async () => {
        await store.writer.apply(batch({ checkpoint: { next: 10, tail: '' } }))
        const write = batch({ expected: 9, checkpoint: { next: 12, tail: '' }, suspectAdded: [sid('a')] })
        expect(await store.writer.apply(write)).toEqual({ kind: 'ahead', at: 10 })
        expect(await store.writer.apply({ ...write, expected: null })).toEqual({ kind: 'ahead', at: 10 })
        expect(await store.writer.suspectCount(1, 0)).toBe(0)
      })

      it('is ahead of itself when it is sent again', async () => {
        const write = batch({ checkpoint: { next: 5, tail: 't' }, records: records({ a: '1' }) })
        expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
        expect(await store.writer.apply(write)).toEqual({ kind: 'ahead', at: 5 })
      })

      it('compares offsets up to 2^53 - 1 exactly', async () => {
        const top = Number.MAX_SAFE_INTEGER
        await store.writer.apply(batch({ checkpoint: { next: top - 1, tail: '' } }))
        expect(await store.writer.apply(batch({ expected: top }))).toEqual({ kind: 'behind', at: top - 1 })
        expect(await store.writer.apply(batch({ expected: top - 2 }))).toEqual({ kind: 'ahead', at: top - 1 })
        const write = batch({ expected: top - 1, checkpoint: { next: top, tail: '' } })
        expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
        expect(await store.writer.checkpoint(1, 0)).toEqual({ next: top, tail: '' })
      })

      it('does not compare 9 and 10 as text', async () => {
        await store.writer.apply(batch({ checkpoint: { next: 9, tail: '' } }))
        expect(await store.writer.apply(batch({ expected: 10 }))).toEqual({ kind: 'behind', at: 9 })
      })

      it('that is empty moves the checkpoint and leaves the records', async () => {
        await store.writer.apply(batch({ records: records({ a: '1' }) }))
        await store.writer.apply(batch({ expected: 1, checkpoint: { next: 4, tail: 'later' } }))
        expect(await store.writer.checkpoint(1, 0)).toEqual({ next: 4, tail: 'later' })
        expect((await store.writer.load(1, 0, [sid('a')])).map(text)).toEqual(['1'])
      })

      it('touches its own partition and generation only', async () => {
        await store.writer.apply(batch({ records: records({ a: '1' }) }))
        expect(await store.writer.checkpoint(1, 1)).toBeNull()
        expect(await store.writer.checkpoint(2, 0)).toBeNull()
        expect(await store.writer.load(2, 0, [sid('a')])).toEqual([null])
        expect(await store.writer.load(1, 1, [sid('a')])).toEqual([null])
      })

      it('keeps a tail of any text', async () => {
        const tail = ' 7 {"log":"é","w":[1,2]}\n retired '
        await store.writer.apply(batch({ checkpoint: { next: 0, tail } }))
        expect(await store.writer.checkpoint(1, 0)).toEqual({ next: 0, tail })
      })

      it('of 10,000 records and as many entries of every list is one write', async () => {
        const ids = Array.from({ length: 10_000 }, (_, i) => sid(`student ${i}`))
        const body = Buffer.alloc(1500, 'x')
        const write = batch({
          records: new Map(ids.map((id, i) => [id, Buffer.concat([body, Buffer.from(String(i))])])),
          customAdded: ids.map((identifier, i) => ({ custom: `c${i}`, identifier })),
          suspectAdded: ids,
          heartbeats: new Map(ids.map((id, i) => [id, i])),
          misrouting: ids,
        })
        expect(await store.writer.apply(write)).toEqual({ kind: 'applied' })
        const loaded = await store.writer.load(1, 0, ids)
        expect(loaded.every((bytes, i) => text(bytes)?.slice(1500) === String(i))).toBe(true)
        expect(await store.writer.suspectCount(1, 0)).toBe(10_000)
        await store.admin.activate(null, 1)
        expect((await store.reader.byCustom('c9999')).ids).toEqual(['student 9999'])
        expect((await store.reader.heartbeats()).get('student 9999')).toBe(9999)
        expect((await store.reader.misroutingSources()).size).toBe(10_000)
        const heal = { expected: 1, checkpoint: { next: 2, tail: '' } }
        await store.writer.apply(
          batch({ ...heal, suspectRemoved: ids.slice(1), customRemoved: write.customAdded.slice(1) }),
        )
        expect(await store.reader.suspects(0)).toEqual([ids[0]])
        expect((await store.reader.byCustom('c9999')).ids).toEqual([])
        expect((await store.reader.byCustom('c0')).ids).toEqual([ids[0]])
      })
    })

    describe('what it holds', () => {
      it('comes back byte for byte, whatever the bytes', async () => {
        const all = Uint8Array.from({ length: 256 }, (_, i) => i)
        const bytes = new Map([
          [sid('all'), all],
          [sid('empty'), new Uint8Array()],
          [sid('not utf-8'), Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0)],
          [sid('a view'), all.subarray(100, 103)],
        ])
        await store.writer.apply(batch({ records: bytes }))
        await store.admin.activate(null, 1)
        const loaded = await store.writer.load(1, 0, [...bytes.keys()])
        expect(loaded.map((record) => [...record!])).toEqual(Array.from(bytes.values(), (record) => [...record]))
        for (const [id, record] of bytes) expect([...(await store.reader.student(0, id)).record!]).toEqual([...record])
      })

      it('does not change with the buffer that was written', async () => {
        const bytes = Buffer.from('before')
        await store.writer.apply(batch({ records: new Map([[sid('a'), bytes]]) }))
        bytes.fill('x')
        expect((await store.writer.load(1, 0, [sid('a')])).map(text)).toEqual(['before'])
      })

      it('keeps weird identifiers, custom identifiers and sources apart', async () => {
        const ids = weirdTexts.map(sid)
        await store.writer.apply(
          batch({
            records: new Map(ids.map((id) => [id, Buffer.from(id)])),
            customAdded: ids.map((identifier) => ({ custom: identifier, identifier })),
            suspectAdded: ids,
            heartbeats: new Map(ids.map((id, i) => [id, i + 1])),
            misrouting: ids,
          }),
        )
        await store.admin.activate(null, 1)
        expect((await store.writer.load(1, 0, ids)).map(text)).toEqual(ids)
        for (const id of ids) {
          expect(text((await store.reader.student(0, id)).record)).toBe(id)
          expect((await store.reader.byCustom(id)).ids).toEqual([id])
        }
        expect((await store.reader.suspects(0)).toSorted()).toEqual(ids.toSorted())
        expect(await store.reader.heartbeats()).toEqual(new Map(ids.map((id, i) => [id, i + 1])))
        expect(await store.reader.misroutingSources()).toEqual(new Set(ids))
        const listed = await studentsListed(store, 1)
        expect([...listed].toSorted()).toEqual(ids.map((id) => `0 ${id}`).toSorted())
      })

      it('answers loads in the order asked, with null for the unknown', async () => {
        await store.writer.apply(batch({ records: records({ a: '1', b: '2' }) }))
        expect((await store.writer.load(1, 0, [sid('b'), sid('?'), sid('a'), sid('b')])).map(text)).toEqual([
          '2',
          null,
          '1',
          '2',
        ])
        expect(await store.writer.load(1, 0, [])).toEqual([])
      })
    })

    describe('indexes', () => {
      it('find a custom identifier over all partitions, whole and not by prefix', async () => {
        const entry = (custom: string, id: string) => ({ custom, identifier: sid(id) })
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ customAdded: [entry('C1', 'a'), entry('C1', 'b'), entry('C11', 'c')] }))
        await store.writer.apply(batch({ partition: 3, customAdded: [entry('C1', 'd'), entry('C1\0a', 'e')] }))
        const found = await store.reader.byCustom('C1')
        expect(found.ids.toSorted()).toEqual(['a', 'b', 'd'])
        expect(found.partitions.map(({ checkpoint }) => checkpoint?.next)).toEqual([1, undefined, undefined, 1])
        expect((await store.reader.byCustom('C1\0a')).ids).toEqual(['e'])
        expect((await store.reader.byCustom('C')).ids).toEqual([])
        const after = { expected: 1, checkpoint: { next: 2, tail: '' } }
        await store.writer.apply(batch({ ...after, customRemoved: [entry('C1', 'a'), entry('C1', 'never there')] }))
        expect((await store.reader.byCustom('C1')).ids.toSorted()).toEqual(['b', 'd'])
      })

      it('count a suspect once and forget it when it heals', async () => {
        await store.writer.apply(batch({ suspectAdded: [sid('a'), sid('b'), sid('a')] }))
        expect(await store.writer.suspectCount(1, 0)).toBe(2)
        const after = { expected: 1, checkpoint: { next: 2, tail: '' } }
        await store.writer.apply(batch({ ...after, suspectAdded: [sid('a')], suspectRemoved: [sid('b'), sid('c')] }))
        expect(await store.writer.suspectCount(1, 0)).toBe(1)
      })

      it('keep the youngest heartbeat of a source over batches and partitions', async () => {
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ heartbeats: new Map([['s', 1_700_000_000_500]]) }))
        await store.writer.apply(
          batch({ expected: 1, checkpoint: { next: 2, tail: '' }, heartbeats: new Map([['s', 1_700_000_000_100]]) }),
        )
        await store.writer.apply(batch({ partition: 2, heartbeats: new Map([['s', 1_700_000_000_300]]) }))
        expect(await store.reader.heartbeats()).toEqual(new Map([['s', 1_700_000_000_500]]))
      })
    })

    describe('a lease', () => {
      it('lives while it is young, and says what was proven', async () => {
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ checkpoint: { next: 5, tail: '' } }))
        const proof = { next: 5, provenAtMs: await store.writer.clockMs(1, 0) }
        expect(await store.writer.lease(1, 0, proof, 60_000)).toEqual({ kind: 'applied' })
        expect((await store.reader.student(0, sid('a'))).lease).toEqual(proof)
        expect((await store.reader.partitions()).map(({ lease }) => lease)).toEqual([proof, null, null, null])
        expect((await store.reader.byCustom('c')).partitions[0]?.lease).toEqual(proof)
      })

      it('outlives a later batch, since what it proves stays true', async () => {
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ checkpoint: { next: 5, tail: '' } }))
        const proof = { next: 5, provenAtMs: await store.writer.clockMs(1, 0) }
        await store.writer.lease(1, 0, proof, 60_000)
        await store.writer.apply(batch({ expected: 5, checkpoint: { next: 6, tail: '' } }))
        expect((await store.reader.student(0, sid('a'))).lease).toEqual(proof)
      })

      it('ends by itself', async () => {
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ checkpoint: { next: 5, tail: '' } }))
        const provenAtMs = await store.writer.clockMs(1, 0)
        await store.writer.lease(1, 0, { next: 5, provenAtMs }, 150)
        await vi.waitFor(async () => expect((await store.reader.student(0, sid('a'))).lease).toBeNull(), 2000)
        expect(await store.writer.clockMs(1, 0)).toBeGreaterThanOrEqual(provenAtMs + 150)
      })

      it('that arrives after its time is dead on arrival', async () => {
        await store.admin.activate(null, 1)
        await store.writer.apply(batch({ checkpoint: { next: 5, tail: '' } }))
        const provenAtMs = (await store.writer.clockMs(1, 0)) - 2000
        expect(await store.writer.lease(1, 0, { next: 5, provenAtMs }, 2000)).toEqual({ kind: 'applied' })
        expect((await store.reader.student(0, sid('a'))).lease).toBeNull()
      })

      it('is set on exactly the checkpoint that was proven', async () => {
        await store.admin.activate(null, 1)
        const proof = (next: number) => ({ next, provenAtMs: Date.now() })
        expect(await store.writer.lease(1, 0, proof(5), 60_000)).toEqual({ kind: 'absent' })
        await store.writer.apply(batch({ checkpoint: { next: 5, tail: '' } }))
        expect(await store.writer.lease(1, 0, proof(6), 60_000)).toEqual({ kind: 'behind', at: 5 })
        expect(await store.writer.lease(1, 0, proof(4), 60_000)).toEqual({ kind: 'ahead', at: 5 })
        expect((await store.reader.student(0, sid('a'))).lease).toBeNull()
      })
    })

    describe('generations', () => {
      it('show nothing in an empty store', async () => {
        const nothing = { generation: null, checkpoint: null, lease: null }
        expect(await store.admin.activeGeneration()).toBeNull()
        expect(await store.reader.student(2, sid('a'))).toEqual({ ...nothing, partition: 2, record: null })
        expect(await store.reader.partitions()).toEqual([0, 1, 2, 3].map((partition) => ({ ...nothing, partition })))
        expect((await store.reader.byCustom('c')).partitions).toHaveLength(partitionCount)
        expect(await store.reader.heartbeats()).toEqual(new Map())
        expect(await store.reader.misroutingSources()).toEqual(new Set())
        expect(await store.reader.suspects(0)).toEqual([])
      })

      it('are followed by readers at once when the pointer moves', async () => {
        for (const generation of [1, 2]) {
          const named = { records: records({ a: `of ${generation}` }), suspectAdded: [sid(`s${generation}`)] }
          await store.writer.apply(batch({ generation, ...named }))
        }
        for (const [from, to] of [
          [null, 1],
          [1, 2],
          [2, 1],
        ] as const) {
          expect(await store.admin.activate(from, to)).toBe(true)
          const view = await store.reader.student(0, sid('a'))
          expect([view.generation, text(view.record)]).toEqual([to, `of ${to}`])
          expect(await store.reader.suspects(0)).toEqual([`s${to}`])
        }
      })

      it('are activated from where they are believed to be, or not at all', async () => {
        expect(await store.admin.activate(1, 2)).toBe(false)
        expect(await store.admin.activate(null, 1)).toBe(true)
        expect(await store.admin.activate(null, 2)).toBe(false)
        expect(await store.admin.activeGeneration()).toBe(1)
      })

      it('have numbers that are given out once', async () => {
        const numbers = await Promise.all(Array.from({ length: 5 }, () => store.admin.newGeneration()))
        expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5])
      })

      it('are begun once, until they are active or removed, and leave a way back', async () => {
        const first = await store.admin.beginBuild()
        expect(await store.admin.beginBuild()).toBe(first)
        expect(await store.admin.activate(null, first)).toBe(true)
        expect(await store.admin.generations()).toEqual({ active: first, former: null, building: null, leftovers: [] })
        const second = await store.admin.beginBuild()
        expect(second).not.toBe(first)
        await store.admin.activate(first, second)
        expect(await store.admin.generations()).toMatchObject({ active: second, former: first, building: null })
        await store.admin.activate(second, first)
        expect(await store.admin.generations()).toMatchObject({ active: first, former: second, leftovers: [] })
        const third = await store.admin.beginBuild()
        await store.admin.activate(first, third)
        const abandoned = await store.admin.beginBuild()
        const begun = { active: third, former: first, building: abandoned, leftovers: [second] }
        expect(await store.admin.generations()).toEqual(begun)
        for (const gone of [first, second, abandoned]) await store.admin.removeGeneration(gone)
        expect(await store.admin.generations()).toEqual({ active: third, former: null, building: null, leftovers: [] })
      })

      it('are built by one owner at a time, for as long as he says', async () => {
        expect(await store.admin.holdBuild('one', 60_000)).toBe(true)
        expect(await store.admin.holdBuild('two', 60_000)).toBe(false)
        await store.admin.releaseBuild('two')
        expect(await store.admin.holdBuild('one', 20)).toBe(true)
        await until('the right has ended', () => store.admin.holdBuild('two', 60_000))
        await store.admin.releaseBuild('two')
        expect(await store.admin.holdBuild('one', 60_000)).toBe(true)
      })

      it('that are removed are empty and refuse every write for ever', async () => {
        await store.admin.activate(null, 2)
        for (const generation of [1, 2])
          await store.writer.apply(
            batch({
              generation,
              records: records({ a: '1', b: '2' }),
              suspectAdded: [sid('a')],
              customAdded: [{ custom: 'c', identifier: sid('a') }],
            }),
          )
        expect(await store.admin.removeGeneration(2)).toBe(false)
        const told: number[] = []
        for (let repeated = 0; repeated < 2; repeated++)
          expect(await store.admin.removeGeneration(1, (keys) => told.push(keys))).toBe(true)
        expect(told.at(-1)).toBeGreaterThanOrEqual(2)
        expect(await store.writer.load(1, 0, [sid('a'), sid('b')])).toEqual([null, null])
        expect(await store.writer.checkpoint(1, 0)).toBeNull()
        expect(await store.writer.suspectCount(1, 0)).toBe(0)
        for (const expected of [null, 1])
          for (const partition of [0, 1])
            expect(await store.writer.apply(batch({ expected, partition }))).toEqual({ kind: 'retired' })
        const proof = { next: 1, provenAtMs: Date.now() }
        expect(await store.writer.lease(1, 0, proof, 60_000)).toEqual({ kind: 'retired' })
        expect(await store.admin.activate(2, 1)).toBe(false)
        expect((await store.writer.load(2, 0, [sid('a')])).map(text)).toEqual(['1'])
      })

      it('list all their students, page by page', async () => {
        const ids = Array.from({ length: 3000 }, (_, i) => sid(`s${i}`))
        for (const generation of [1, 11])
          await store.writer.apply(
            batch({ generation, partition: 3, records: new Map(ids.map((id) => [id, Buffer.from('x')])) }),
          )
        expect(await studentsListed(store, 1)).toEqual(new Set(ids.map((id) => `3 ${id}`)))
      })
    })

    it('answers many students of one turn, each its own', async () => {
      await store.admin.activate(null, 1)
      const ids = Array.from({ length: 1200 }, (_, i) => sid(`s${i}`))
      for (let partition = 0; partition < partitionCount; partition++)
        await store.writer.apply(
          batch({ partition, records: new Map(ids.map((id) => [id, Buffer.from(`${partition} ${id}`)])) }),
        )
      const asked = ids.map((id, i) => ({ id, partition: i % partitionCount }))
      const views = await Promise.all(asked.map(({ id, partition }) => store.reader.student(partition, id)))
      expect(views.map(({ record }) => text(record))).toEqual(asked.map(({ id, partition }) => `${partition} ${id}`))
    })

    it('belongs to the first topic that claims it', async () => {
      expect(await Promise.all(['one', 'two'].map((topic) => store.admin.claim(topic)))).toEqual(['one', 'one'])
      expect(await store.admin.claim('two')).toBe('one')
    })

    it('has no problems when it is set up well', async () => {
      expect(await store.admin.problems()).toEqual([])
    })
  })
}
