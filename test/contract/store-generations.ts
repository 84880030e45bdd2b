import { describe, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { batch, records, sid } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'
import { partitionCount, studentsListed, text } from './store-harness.ts'

/** Generations: begun, activated, removed. */
export const generationLaws = (store: () => ProjectionStore): void => {
  describe('generations', () => {
    it('show nothing in an empty store', async () => {
      const nothing = { generation: null, checkpoint: null, lease: null }
      expect(await store().admin.activeGeneration()).toBeNull()
      expect(await store().reader.student(2, sid('a'))).toEqual({ ...nothing, partition: 2, record: null })
      expect(await store().reader.partitions()).toEqual([0, 1, 2, 3].map((partition) => ({ ...nothing, partition })))
      expect((await store().reader.byCustom('c')).partitions).toHaveLength(partitionCount)
      expect(await store().reader.heartbeats()).toEqual(new Map())
      expect(await store().reader.misroutingSources()).toEqual(new Set())
      expect(await store().reader.suspects(0)).toEqual([])
    })

    it('are followed by readers at once when the pointer moves', async () => {
      for (const generation of [1, 2]) {
        const named = { records: records({ a: `of ${generation}` }), suspectAdded: [sid(`s${generation}`)] }
        await store().writer.apply(batch({ generation, ...named }))
      }
      for (const [from, to] of [
        [null, 1],
        [1, 2],
        [2, 1],
      ] as const) {
        expect(await store().admin.activate(from, to)).toBe(true)
        const view = await store().reader.student(0, sid('a'))
        expect([view.generation, text(view.record)]).toEqual([to, `of ${to}`])
        expect(await store().reader.suspects(0)).toEqual([`s${to}`])
      }
    })

    it('are activated from where they are believed to be, or not at all', async () => {
      expect(await store().admin.activate(1, 2)).toBe(false)
      expect(await store().admin.activate(null, 1)).toBe(true)
      expect(await store().admin.activate(null, 2)).toBe(false)
      expect(await store().admin.activeGeneration()).toBe(1)
    })

    it('have numbers that are given out once', async () => {
      const numbers = await Promise.all(Array.from({ length: 5 }, () => store().admin.newGeneration()))
      expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5])
    })

    it('are begun once, until they are active or removed, and leave a way back', async () => {
      const first = await store().admin.beginBuild()
      expect(await store().admin.beginBuild()).toBe(first)
      expect(await store().admin.activate(null, first)).toBe(true)
      expect(await store().admin.generations()).toEqual({ active: first, former: null, building: null, leftovers: [] })
      const second = await store().admin.beginBuild()
      expect(second).not.toBe(first)
      await store().admin.activate(first, second)
      expect(await store().admin.generations()).toMatchObject({ active: second, former: first, building: null })
      await store().admin.activate(second, first)
      expect(await store().admin.generations()).toMatchObject({ active: first, former: second, leftovers: [] })
      const third = await store().admin.beginBuild()
      await store().admin.activate(first, third)
      const abandoned = await store().admin.beginBuild()
      const begun = { active: third, former: first, building: abandoned, leftovers: [second] }
      expect(await store().admin.generations()).toEqual(begun)
      for (const gone of [first, second, abandoned]) await store().admin.removeGeneration(gone)
      expect(await store().admin.generations()).toEqual({ active: third, former: null, building: null, leftovers: [] })
    })

    it('are built by one owner at a time, for as long as he says', async () => {
      expect(await store().admin.holdBuild('one', 60_000)).toBe(true)
      expect(await store().admin.holdBuild('two', 60_000)).toBe(false)
      await store().admin.releaseBuild('two')
      expect(await store().admin.holdBuild('one', 20)).toBe(true)
      await until('the right has ended', () => store().admin.holdBuild('two', 60_000))
      await store().admin.releaseBuild('two')
      expect(await store().admin.holdBuild('one', 60_000)).toBe(true)
    })

    it('that are removed are empty and refuse every write for ever', async () => {
      await store().admin.activate(null, 2)
      for (const generation of [1, 2])
        await store().writer.apply(
          batch({
            generation,
            records: records({ a: '1', b: '2' }),
            suspectAdded: [sid('a')],
            customAdded: [{ custom: 'c', identifier: sid('a') }],
          }),
        )
      expect(await store().admin.removeGeneration(2)).toBe(false)
      const told: number[] = []
      for (let repeated = 0; repeated < 2; repeated++)
        expect(await store().admin.removeGeneration(1, (keys) => told.push(keys))).toBe(true)
      expect(told.at(-1)).toBeGreaterThanOrEqual(2)
      expect(await store().writer.load(1, 0, [sid('a'), sid('b')])).toEqual([null, null])
      expect(await store().writer.checkpoint(1, 0)).toBeNull()
      expect(await store().writer.suspectCount(1, 0)).toBe(0)
      for (const expected of [null, 1])
        for (const partition of [0, 1])
          expect(await store().writer.apply(batch({ expected, partition }))).toEqual({ kind: 'retired' })
      const proof = { next: 1, provenAtMs: Date.now() }
      expect(await store().writer.lease(1, 0, proof, 60_000)).toEqual({ kind: 'retired' })
      expect(await store().admin.activate(2, 1)).toBe(false)
      expect((await store().writer.load(2, 0, [sid('a')])).map(text)).toEqual(['1'])
    })

    it('list all their students, page by page', async () => {
      const ids = Array.from({ length: 3000 }, (_, i) => sid(`s${i}`))
      for (const generation of [1, 11])
        await store().writer.apply(
          batch({ generation, partition: 3, records: new Map(ids.map((id) => [id, Buffer.from('x')])) }),
        )
      expect(await studentsListed(store(), 1)).toEqual(new Set(ids.map((id) => `3 ${id}`)))
    })
  })
}
