import { describe, expect, it } from 'vitest'
import type { BatchResult, Follower, FollowHandler } from '../../consumers/ports/log.ts'
import { until } from '../support/until.ts'
import { collector, type LogHarness, record } from './log-harness.ts'

/** Reading on outside of a group. */
export const followLaws = (harness: () => LogHarness): void => {
  const filled = async (partitions: number, records: number): Promise<string> => {
    const topic = await harness().newTopic(partitions)
    await harness().log.append(Array.from({ length: records }, (_, i) => record(topic, i % partitions, `${i}`)))
    return topic
  }

  /** Runs a test's body with a follower that is stopped in any case. */
  const following = async (topic: string, handler: FollowHandler, body: (follower: Follower) => Promise<void>) => {
    const follower = harness().log.follow(topic, handler)
    try {
      await body(follower)
    } finally {
      await follower.stop()
    }
  }

  describe('follow', () => {
    it('delivers the partitions that are named, from where the handler says, and what comes later', async () => {
      const topic = await filled(3, 30)
      const seen = collector({ assigned: async () => 4 })
      await following(topic, seen, async (follower) => {
        follower.follow(0)
        follower.follow(2)
        await until('all are seen', () => seen.texts().length === 12)
        await harness().another.append([0, 1, 2].map((partition) => record(topic, partition, `new-${partition}`)))
        await until('the new ones are seen', () => seen.texts().length === 14)
      })
      expect(seen.texts(0)).toEqual(['12', '15', '18', '21', '24', '27', 'new-0'])
      expect(seen.texts(1)).toEqual([])
      expect(seen.texts(2).at(-1)).toBe('new-2')
      expect(seen.assignments.toSorted()).toEqual([0, 2])
    })

    it('tells with each batch which log it is of, and where that ended', async () => {
      const topic = await filled(1, 10)
      const seen = collector()
      await following(topic, seen, async (follower) => {
        follower.follow(0)
        await until('all are seen', () => seen.next(0) === 10)
      })
      const { identity } = (await harness().log.ends(topic, [0])).get(0)!
      for (const batch of seen.batches) expect([batch.identity, batch.end]).toEqual([identity, 10])
    })

    it('goes where a verdict seeks, and hands the same batch again after a rejection', async () => {
      const topic = await filled(1, 10)
      const verdicts: (BatchResult | 'reject')[] = [{ kind: 'seek', to: 3 }, 'reject']
      const seen = collector({
        batch: async () => {
          const verdict = verdicts.shift() ?? { kind: 'next' }
          if (verdict === 'reject') throw new Error('not now')
          return verdict
        },
      })
      await following(topic, seen, async (follower) => {
        follower.follow(0)
        await until('two batches are done', () => seen.batches.length >= 2)
      })
      expect(seen.batches.map(({ from }) => from)).toEqual([0, 3])
      expect(verdicts).toEqual([])
    })

    it('delivers nothing more of a partition that is left, and begins anew when it is followed again', async () => {
      const topic = await filled(2, 10)
      let start = 0
      const seen = collector({ assigned: async () => start })
      await following(topic, seen, async (follower) => {
        follower.follow(0)
        follower.follow(1)
        await until('both are seen', () => seen.texts().length === 10)
        follower.leave(0)
        await harness().another.append([0, 1].map((partition) => record(topic, partition, `new-${partition}`)))
        await until('the other goes on', () => seen.texts(1).includes('new-1'))
        expect(seen.texts(0)).not.toContain('new-0')
        start = 5
        follower.follow(0)
        await until('it is followed again', () => seen.texts(0).includes('new-0'))
      })
      expect(seen.assignments.filter((partition) => partition === 0)).toHaveLength(2)
    })

    it('commits nothing for anybody, and two followers do not share', async () => {
      const topic = await filled(1, 5)
      const [one, other] = [collector(), collector()]
      await following(topic, one, async (first) => {
        await following(topic, other, async (second) => {
          first.follow(0)
          second.follow(0)
          await until('both see all', () => one.next(0) === 5 && other.next(0) === 5)
        })
      })
      expect(one.texts()).toEqual(other.texts())
    })
  })
}
