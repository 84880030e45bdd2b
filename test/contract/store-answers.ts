import { describe, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { MAX_RECENT_BYTES } from '../../consumers/ports/recent-answers.ts'
import { batch, records, sid, weirdTexts } from '../support/store-fixtures.ts'
import { until } from '../support/until.ts'
import { text } from './store-harness.ts'

const MINUTE = 60_000

/** What was answered lately, and who records it. */
export const recentAnswersLaws = (store: () => ProjectionStore): void => {
  const linesOf = async (id: string, partition = 0): Promise<readonly string[]> => {
    const {
      students: [loaded],
    } = await store().writer.loadAt(1, partition, [sid(id)], true)
    return loaded?.answers?.split('\n') ?? []
  }
  const without = (line: string): string => line.slice(line.indexOf(' ') + 1)

  describe('recent answers', () => {
    it('come with the record, in the order in which they were added, dated by the store', async () => {
      await store().writer.apply(batch({ records: records({ a: '1' }) }))
      const before = await store().writer.clockMs(1, 0)
      await store().recentAnswers.add(0, [{ id: sid('a'), line: 'first' }], MINUTE)
      await store().recentAnswers.add(0, [{ id: sid('a'), line: 'second' }], MINUTE)
      const after = await store().writer.clockMs(1, 0)
      const { students: found } = await store().writer.loadAt(1, 0, [sid('a'), sid('b')], true)
      expect(found.map(({ record }) => text(record))).toEqual(['1', null])
      expect(found[1]?.answers).toBeNull()
      const lines = found[0]!.answers!.split('\n')
      expect(lines.map(without)).toEqual(['first', 'second'])
      for (const line of lines) {
        expect(Number(line.split(' ')[0])).toBeGreaterThanOrEqual(before)
        expect(Number(line.split(' ')[0])).toBeLessThanOrEqual(after)
      }
    })

    it('are there without a record, in every generation, of their own partition and student', async () => {
      await store().recentAnswers.add(
        1,
        weirdTexts.map((one) => ({ id: sid(one), line: `of ${one.length}` })),
        MINUTE,
      )
      for (const one of weirdTexts) expect((await linesOf(one, 1)).map(without)).toEqual([`of ${one.length}`])
      expect(await linesOf(weirdTexts[0], 0)).toEqual([])
      const {
        students: [other],
      } = await store().writer.loadAt(7, 1, [sid(weirdTexts[0])], true)
      expect(other?.answers).not.toBeNull()
    })

    it('lose their oldest lines where they grow too long, never the last', async () => {
      const line = 'x'.repeat(300)
      for (let index = 0; index < 10; index++)
        await store().recentAnswers.add(0, [{ id: sid('a'), line: `${index}${line}` }], MINUTE)
      const lines = (await linesOf('a')).map((one) => without(one)[0])
      expect(lines.at(-1)).toBe('9')
      expect(lines.length).toBeLessThan(10)
      expect((await linesOf('a')).join('\n').length).toBeLessThanOrEqual(MAX_RECENT_BYTES)
      await store().recentAnswers.add(0, [{ id: sid('a'), line: 'y'.repeat(3000) }], MINUTE)
      expect((await linesOf('a')).map(without)).toEqual(['y'.repeat(3000)])
    })

    it('are forgotten when their time is over, which a further line prolongs', async () => {
      await store().recentAnswers.add(
        0,
        [
          { id: sid('short'), line: 'a' },
          { id: sid('long'), line: 'a' },
        ],
        300,
      )
      await store().recentAnswers.add(0, [{ id: sid('long'), line: 'b' }], MINUTE)
      await until('the short one to be forgotten', async () => (await linesOf('short')).length === 0)
      expect((await linesOf('long')).map(without)).toEqual(['a', 'b'])
    })

    it('do not go with a generation that is removed', async () => {
      await store().writer.apply(batch({ records: records({ a: '1' }) }))
      await store().recentAnswers.add(0, [{ id: sid('a'), line: 'kept' }], MINUTE)
      await store().admin.removeGeneration(1)
      expect((await linesOf('a')).map(without)).toEqual(['kept'])
      expect((await store().admin.students(1, null)).students).toEqual([])
    })

    it('of no student are no call', async () => {
      await store().recentAnswers.add(0, [], MINUTE)
      expect((await store().writer.loadAt(1, 0, [], true)).students).toEqual([])
    })
  })

  describe('a recorder', () => {
    it('is open from its first heartbeat until it has ended, and says how far it has come', async () => {
      await store().recentAnswers.heartbeat('one', 3, MINUTE)
      await store().recentAnswers.heartbeat('two', 1, MINUTE)
      await store().recentAnswers.heartbeat('one', 5, MINUTE)
      const { nowMs, open } = await store().recentAnswers.recorders()
      expect(open.map(({ recorder, numbered }) => `${recorder} ${numbered}`).sort()).toEqual(['one 5', 'two 1'])
      for (const { seenAtMs } of open) expect(nowMs - seenAtMs).toBeLessThan(MINUTE)
      await store().recentAnswers.ended('one')
      expect((await store().recentAnswers.recorders()).open.map(({ recorder }) => recorder)).toEqual(['two'])
    })

    it('that was silent for too long is forgotten at another’s heartbeat', async () => {
      await store().recentAnswers.heartbeat('silent', 1, MINUTE)
      const { nowMs: then } = await store().recentAnswers.recorders()
      await until('some time to pass', async () => (await store().recentAnswers.recorders()).nowMs > then + 5)
      await store().recentAnswers.heartbeat('other', 1, 1)
      expect((await store().recentAnswers.recorders()).open.map(({ recorder }) => recorder)).toEqual(['other'])
    })
  })
}
