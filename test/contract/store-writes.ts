import { describe, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { text } from './store-harness.ts'

/** A write and its compare-and-set. */
export const writeLaws = (store: () => ProjectionStore): void => {
  describe('a write', () => {
    it('is applied where there is no checkpoint and none is expected', async () => {
      expect(await store().writer.apply(batch({ checkpoint: { next: 7, metadata: 'a tail' } }))).toEqual({
        kind: 'applied',
      })
      expect(await store().writer.checkpoint(1, 0)).toEqual({ next: 7, metadata: 'a tail' })
    })

    it('is read back with its checkpoint, as of one moment', async () => {
      expect(await store().writer.loadAt(1, 0, [sid('a')], false)).toEqual({
        next: null,
        students: [{ record: null, answers: null }],
      })
      await store().writer.apply(batch({ checkpoint: { next: 7, metadata: 't' }, records: records({ a: '1' }) }))
      const { next, students } = await store().writer.loadAt(1, 0, [sid('a'), sid('b')], false)
      expect(next).toBe(7)
      expect(students.map(({ record }) => record && text(record))).toEqual(['1', null])
    })

    it('is absent where a checkpoint is expected and there is none', async () => {
      expect(await store().writer.apply(batch({ expected: 3, records: records({ a: '1' }) }))).toEqual({
        kind: 'absent',
      })
      expect(await store().writer.checkpoint(1, 0)).toBeNull()
      expect(await store().writer.load(1, 0, [sid('a')])).toEqual([null])
    })

    it('is behind where the store is older than expected, and changes nothing', async () => {
      await store().writer.apply(batch({ checkpoint: { next: 9, metadata: '' } }))
      const write = batch({ expected: 10, checkpoint: { next: 12, metadata: '' }, records: records({ a: '1' }) })
      expect(await store().writer.apply(write)).toEqual({ kind: 'behind', at: 9 })
      expect(await store().writer.load(1, 0, [sid('a')])).toEqual([null])
    })

    it('is ahead where the store is younger than expected, and changes nothing', async () => {
      await store().writer.apply(batch({ checkpoint: { next: 10, metadata: '' } }))
      const write = batch({ expected: 9, checkpoint: { next: 12, metadata: '' }, suspectAdded: [sid('a')] })
      expect(await store().writer.apply(write)).toEqual({ kind: 'ahead', at: 10 })
      expect(await store().writer.apply({ ...write, expected: null })).toEqual({ kind: 'ahead', at: 10 })
      expect(await store().writer.suspectCount(1, 0)).toBe(0)
    })

    it('is ahead of itself when it is sent again', async () => {
      const write = batch({ checkpoint: { next: 5, metadata: 't' }, records: records({ a: '1' }) })
      expect(await store().writer.apply(write)).toEqual({ kind: 'applied' })
      expect(await store().writer.apply(write)).toEqual({ kind: 'ahead', at: 5 })
    })

    it('compares offsets up to 2^53 - 1 exactly', async () => {
      const top = Number.MAX_SAFE_INTEGER
      await store().writer.apply(batch({ checkpoint: { next: top - 1, metadata: '' } }))
      expect(await store().writer.apply(batch({ expected: top }))).toEqual({ kind: 'behind', at: top - 1 })
      expect(await store().writer.apply(batch({ expected: top - 2 }))).toEqual({ kind: 'ahead', at: top - 1 })
      const write = batch({ expected: top - 1, checkpoint: { next: top, metadata: '' } })
      expect(await store().writer.apply(write)).toEqual({ kind: 'applied' })
      expect(await store().writer.checkpoint(1, 0)).toEqual({ next: top, metadata: '' })
    })

    it('does not compare 9 and 10 as text', async () => {
      await store().writer.apply(batch({ checkpoint: { next: 9, metadata: '' } }))
      expect(await store().writer.apply(batch({ expected: 10 }))).toEqual({ kind: 'behind', at: 9 })
    })

    it('that is empty moves the checkpoint and leaves the records', async () => {
      await store().writer.apply(batch({ records: records({ a: '1' }) }))
      await store().writer.apply(batch({ expected: 1, checkpoint: { next: 4, metadata: 'later' } }))
      expect(await store().writer.checkpoint(1, 0)).toEqual({ next: 4, metadata: 'later' })
      expect((await store().writer.load(1, 0, [sid('a')])).map(text)).toEqual(['1'])
    })

    it('touches its own partition and generation only', async () => {
      await store().writer.apply(batch({ records: records({ a: '1' }) }))
      expect(await store().writer.checkpoint(1, 1)).toBeNull()
      expect(await store().writer.checkpoint(2, 0)).toBeNull()
      expect(await store().writer.load(2, 0, [sid('a')])).toEqual([null])
      expect(await store().writer.load(1, 1, [sid('a')])).toEqual([null])
    })

    it('keeps metadata of any text', async () => {
      const metadata = ' 7 {"log":"é","w":[1,2]}\n retired '
      await store().writer.apply(batch({ checkpoint: { next: 0, metadata } }))
      expect(await store().writer.checkpoint(1, 0)).toEqual({ next: 0, metadata })
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
      expect(await store().writer.apply(write)).toEqual({ kind: 'applied' })
      const loaded = await store().writer.load(1, 0, ids)
      expect(loaded.every((bytes, i) => text(bytes)?.slice(1500) === String(i))).toBe(true)
      expect(await store().writer.suspectCount(1, 0)).toBe(10_000)
      await store().admin.activate(null, 1)
      expect((await store().reader.byCustom('c9999')).ids).toEqual(['student 9999'])
      expect((await store().reader.heartbeats()).get('student 9999')).toBe(9999)
      expect((await store().reader.misroutingSources()).size).toBe(10_000)
      const heal = { expected: 1, checkpoint: { next: 2, metadata: '' } }
      await store().writer.apply(
        batch({ ...heal, suspectRemoved: ids.slice(1), customRemoved: write.customAdded.slice(1) }),
      )
      expect(await store().reader.suspects(0)).toEqual([ids[0]])
      expect((await store().reader.byCustom('c9999')).ids).toEqual([])
      expect((await store().reader.byCustom('c0')).ids).toEqual([ids[0]])
    })
  })
}
