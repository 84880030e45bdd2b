import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { batch, sid } from '../support/store-fixtures.ts'
import { recentAnswersLaws } from './store-answers.ts'
import { contentLaws } from './store-content.ts'
import { generationLaws } from './store-generations.ts'
import { partitionCount, type StoreUnderTest, text } from './store-harness.ts'
import { scoutLaws } from './store-scout.ts'
import { writeLaws } from './store-writes.ts'

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
    for (const laws of [writeLaws, contentLaws, generationLaws, scoutLaws, recentAnswersLaws]) laws(() => store)

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
