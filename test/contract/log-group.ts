import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { type Collector, collector, consuming, type LogHarness, newName, record } from './log-harness.ts'

export const groupLaws = (harness: () => LogHarness): void => {
  /** Members of one group that share their progress, as projectors share the store. */
  const sharing = (next: Map<number, number>): Collector =>
    collector({
      assigned: async (partition) => next.get(partition) ?? 0,
      batch: async (batch) => {
        next.set(batch.partition, batch.next)
        return { kind: 'next' }
      },
    })
  const owners = (members: readonly Collector[]) => members.flatMap(({ owned }) => [...owned]).sort((a, b) => a - b)

  describe('a group', () => {
    it('shares the partitions, hands them over when a member comes or goes, and skips and doubles nothing', async () => {
      const { log, another, newTopic } = harness()
      const topic = await newTopic(4)
      const group = newName('g')
      const next = new Map<number, number>()
      const [first, second] = [sharing(next), sharing(next)]
      const all = () => [...first.texts(), ...second.texts()]
      let written = 0
      const write = async () => {
        await log.append(Array.from({ length: 40 }, () => record(topic, written % 4, `${written++}`)))
        await until('all are seen', () => new Set(all()).size === written)
      }
      await consuming(log, topic, group, first, async () => {
        await until('it has all', () => first.owned.size === 4)
        await write()
        await consuming(another, topic, group, second, async () => {
          await until('each has two', () => first.owned.size === 2 && second.owned.size === 2)
          await write()
          expect(owners([first, second])).toEqual([0, 1, 2, 3])
        })
        expect(second.owned.size).toBe(0)
        await until('it has all again', () => first.owned.size === 4)
        await write()
      })
      expect(all().length).toBe(written)
      expect(first.owned.size).toBe(0)
    }, 40_000)

    it('gives a partition away only when the batch in hand is done', async () => {
      const { log, another, newTopic } = harness()
      const topic = await newTopic(2)
      const group = newName('g')
      await log.append([record(topic, 0, 'a'), record(topic, 1, 'b')])
      const inHand = new Set<number>()
      let overlaps = 0
      const busy = (): Collector =>
        collector({
          batch: async ({ partition }) => {
            if (inHand.has(partition)) overlaps++
            inHand.add(partition)
            await new Promise((resolve) => setTimeout(resolve, 300))
            inHand.delete(partition)
            return { kind: 'next' }
          },
        })
      const [first, second] = [busy(), busy()]
      await consuming(log, topic, group, first, async () => {
        await until('both are in hand', () => inHand.size === 2)
        await consuming(another, topic, group, second, async () => {
          await until('it has one', () => second.owned.size === 1 && second.batches.length === 1)
        })
      })
      expect(overlaps).toBe(0)
    }, 40_000)

    it('does not wait for a member that stops while it joins', async () => {
      const { log, another, newTopic } = harness()
      const topic = await newTopic(2)
      const group = newName('g')
      const next = new Map<number, number>()
      const [stays, comes] = [sharing(next), sharing(next)]
      await consuming(log, topic, group, stays, async () => {
        await until('it has all', () => stays.owned.size === 2)
        const joining = await another.consume(topic, group, comes)
        // It has asked to be let in, and has no answer before the member that stays has rejoined.
        await new Promise((resolve) => setTimeout(resolve, 100))
        const began = performance.now()
        await joining.stop()
        // By then the member that stays has heard that the group rebalances.
        await new Promise((resolve) => setTimeout(resolve, 800))
        await log.append([record(topic, 0, 'a'), record(topic, 1, 'b')])
        await until('both are seen', () => stays.texts().length === 2)
        // A member that is taken for dead is waited for for six seconds.
        expect(performance.now() - began).toBeLessThan(4_500)
      })
    }, 40_000)

    it('lets a member stop and another start, and stops within a bounded time with a batch that never ends', async () => {
      const { log, newTopic } = harness()
      const topic = await newTopic(1)
      const group = newName('g')
      await log.append([record(topic, 0, 'a')])
      const stuck = collector({ batch: () => new Promise(() => {}) })
      let hung = false
      const consumer = await log.consume(topic, group, {
        ...stuck,
        batch: (batch) => {
          hung = true
          return stuck.batch(batch)
        },
      })
      await until('it hangs', () => hung)
      const began = performance.now()
      await consumer.stop()
      expect(performance.now() - began).toBeLessThan(15_000)
      const seen = collector()
      await consuming(log, topic, group, seen, () => until('the next member sees it', () => seen.next(0) === 1))
    }, 40_000)
  })
}
