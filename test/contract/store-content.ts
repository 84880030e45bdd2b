import { describe, expect, it, vi } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { batch, records, sid, weirdTexts } from '../support/store-fixtures.ts'
import { studentsListed, text } from './store-harness.ts'

/** What is held, how it is found, and how long a lease lives. */
export const contentLaws = (store: () => ProjectionStore): void => {
  describe('what it holds', () => {
    it('comes back byte for byte, whatever the bytes', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      const bytes = new Map([
        [sid('all'), all],
        [sid('empty'), new Uint8Array()],
        [sid('not utf-8'), Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0)],
        [sid('a view'), all.subarray(100, 103)],
      ])
      await store().writer.apply(batch({ records: bytes }))
      await store().admin.activate(null, 1)
      const loaded = await store().writer.load(1, 0, [...bytes.keys()])
      expect(loaded.map((record) => [...record!])).toEqual(Array.from(bytes.values(), (record) => [...record]))
      for (const [id, record] of bytes) expect([...(await store().reader.student(0, id)).record!]).toEqual([...record])
    })

    it('does not change with the buffer that was written', async () => {
      const bytes = Buffer.from('before')
      await store().writer.apply(batch({ records: new Map([[sid('a'), bytes]]) }))
      bytes.fill('x')
      expect((await store().writer.load(1, 0, [sid('a')])).map(text)).toEqual(['before'])
    })

    it('keeps weird identifiers, custom identifiers and sources apart', async () => {
      const ids = weirdTexts.map(sid)
      await store().writer.apply(
        batch({
          records: new Map(ids.map((id) => [id, Buffer.from(id)])),
          customAdded: ids.map((identifier) => ({ custom: identifier, identifier })),
          suspectAdded: ids,
          heartbeats: new Map(ids.map((id, i) => [id, i + 1])),
          misrouting: ids,
        }),
      )
      await store().admin.activate(null, 1)
      expect((await store().writer.load(1, 0, ids)).map(text)).toEqual(ids)
      for (const id of ids) {
        expect(text((await store().reader.student(0, id)).record)).toBe(id)
        expect((await store().reader.byCustom(id)).ids).toEqual([id])
      }
      expect((await store().reader.suspects(0)).toSorted()).toEqual(ids.toSorted())
      expect(await store().reader.heartbeats()).toEqual(new Map(ids.map((id, i) => [id, i + 1])))
      expect(await store().reader.misroutingSources()).toEqual(new Set(ids))
      const listed = await studentsListed(store(), 1)
      expect([...listed].toSorted()).toEqual(ids.map((id) => `0 ${id}`).toSorted())
    })

    it('answers loads in the order asked, with null for the unknown', async () => {
      await store().writer.apply(batch({ records: records({ a: '1', b: '2' }) }))
      expect((await store().writer.load(1, 0, [sid('b'), sid('?'), sid('a'), sid('b')])).map(text)).toEqual([
        '2',
        null,
        '1',
        '2',
      ])
      expect(await store().writer.load(1, 0, [])).toEqual([])
    })
  })

  describe('indexes', () => {
    it('find a custom identifier over all partitions, whole and not by prefix', async () => {
      const entry = (custom: string, id: string) => ({ custom, identifier: sid(id) })
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ customAdded: [entry('C1', 'a'), entry('C1', 'b'), entry('C11', 'c')] }))
      await store().writer.apply(batch({ partition: 3, customAdded: [entry('C1', 'd'), entry('C1\0a', 'e')] }))
      const found = await store().reader.byCustom('C1')
      expect(found.ids.toSorted()).toEqual(['a', 'b', 'd'])
      expect(found.partitions.map(({ checkpoint }) => checkpoint?.next)).toEqual([1, undefined, undefined, 1])
      expect((await store().reader.byCustom('C1\0a')).ids).toEqual(['e'])
      expect((await store().reader.byCustom('C')).ids).toEqual([])
      const after = { expected: 1, checkpoint: { next: 2, metadata: '' } }
      await store().writer.apply(batch({ ...after, customRemoved: [entry('C1', 'a'), entry('C1', 'never there')] }))
      expect((await store().reader.byCustom('C1')).ids.toSorted()).toEqual(['b', 'd'])
    })

    it('count a suspect once and forget it when it heals', async () => {
      await store().writer.apply(batch({ suspectAdded: [sid('a'), sid('b'), sid('a')] }))
      expect(await store().writer.suspectCount(1, 0)).toBe(2)
      const after = { expected: 1, checkpoint: { next: 2, metadata: '' } }
      await store().writer.apply(batch({ ...after, suspectAdded: [sid('a')], suspectRemoved: [sid('b'), sid('c')] }))
      expect(await store().writer.suspectCount(1, 0)).toBe(1)
    })

    it('keep the youngest heartbeat of a source over batches and partitions', async () => {
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ heartbeats: new Map([['s', 1_700_000_000_500]]) }))
      await store().writer.apply(
        batch({ expected: 1, checkpoint: { next: 2, metadata: '' }, heartbeats: new Map([['s', 1_700_000_000_100]]) }),
      )
      await store().writer.apply(batch({ partition: 2, heartbeats: new Map([['s', 1_700_000_000_300]]) }))
      expect(await store().reader.heartbeats()).toEqual(new Map([['s', 1_700_000_000_500]]))
    })
  })

  describe('a lease', () => {
    it('lives while it is young, and says what was proven', async () => {
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ checkpoint: { next: 5, metadata: '' } }))
      const proof = { next: 5, provenAtMs: await store().writer.clockMs(1, 0) }
      expect(await store().writer.lease(1, 0, proof, 60_000)).toEqual({ kind: 'applied' })
      expect((await store().reader.student(0, sid('a'))).lease).toEqual(proof)
      expect((await store().reader.partitions()).map(({ lease }) => lease)).toEqual([proof, null, null, null])
      expect((await store().reader.byCustom('c')).partitions[0]?.lease).toEqual(proof)
    })

    it('outlives a later batch, since what it proves stays true', async () => {
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ checkpoint: { next: 5, metadata: '' } }))
      const proof = { next: 5, provenAtMs: await store().writer.clockMs(1, 0) }
      await store().writer.lease(1, 0, proof, 60_000)
      await store().writer.apply(batch({ expected: 5, checkpoint: { next: 6, metadata: '' } }))
      expect((await store().reader.student(0, sid('a'))).lease).toEqual(proof)
    })

    it('ends by itself', async () => {
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ checkpoint: { next: 5, metadata: '' } }))
      const provenAtMs = await store().writer.clockMs(1, 0)
      await store().writer.lease(1, 0, { next: 5, provenAtMs }, 150)
      await vi.waitFor(async () => expect((await store().reader.student(0, sid('a'))).lease).toBeNull(), 2000)
      expect(await store().writer.clockMs(1, 0)).toBeGreaterThanOrEqual(provenAtMs + 150)
    })

    it('that arrives after its time is dead on arrival', async () => {
      await store().admin.activate(null, 1)
      await store().writer.apply(batch({ checkpoint: { next: 5, metadata: '' } }))
      const provenAtMs = (await store().writer.clockMs(1, 0)) - 2000
      expect(await store().writer.lease(1, 0, { next: 5, provenAtMs }, 2000)).toEqual({ kind: 'applied' })
      expect((await store().reader.student(0, sid('a'))).lease).toBeNull()
    })

    it('is set on exactly the checkpoint that was proven', async () => {
      await store().admin.activate(null, 1)
      const proof = (next: number) => ({ next, provenAtMs: Date.now() })
      expect(await store().writer.lease(1, 0, proof(5), 60_000)).toEqual({ kind: 'absent' })
      await store().writer.apply(batch({ checkpoint: { next: 5, metadata: '' } }))
      expect(await store().writer.lease(1, 0, proof(6), 60_000)).toEqual({ kind: 'behind', at: 5 })
      expect(await store().writer.lease(1, 0, proof(4), 60_000)).toEqual({ kind: 'ahead', at: 5 })
      expect((await store().reader.student(0, sid('a'))).lease).toBeNull()
    })
  })
}
