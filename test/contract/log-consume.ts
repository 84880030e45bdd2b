import { describe, expect, it } from 'vitest'
import type { BatchResult } from '../../consumers/ports/log.ts'
import { until } from '../support/until.ts'
import { collector, consuming, type LogHarness, newName, record } from './log-harness.ts'

/** More than the slowest of the client's polls would hold an event up. */
const FIRST_EVENT_MS = 250

export const consumeLaws = (harness: () => LogHarness): void => {
  const filled = async (partitions: number, records: number): Promise<string> => {
    const topic = await harness().newTopic(partitions)
    await harness().log.append(Array.from({ length: records }, (_, i) => record(topic, i % partitions, `${i}`)))
    return topic
  }
  const NEXT: BatchResult = { kind: 'next' }

  describe('consume', () => {
    it('delivers every record once, in its partition’s order, each batch where the last one ended', async () => {
      const topic = await filled(3, 300)
      const seen = collector()
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        await until('all are seen', () => seen.texts().length === 300)
        await harness().another.append([record(topic, 1, 'more')])
        await until('the new one is seen', () => seen.texts(1).includes('more'))
      })
      for (const partition of [0, 1, 2]) {
        const expected = Array.from({ length: 100 }, (_, i) => `${3 * i + partition}`)
        expect(seen.texts(partition)).toEqual(partition === 1 ? [...expected, 'more'] : expected)
        let next = 0
        for (const batch of seen.batches.filter((batch) => batch.partition === partition)) {
          expect(batch.from).toBe(next)
          next = batch.next
        }
      }
    })

    it('starts where the handler says, whatever the group has committed', async () => {
      const topic = await filled(1, 10)
      const group = newName('g')
      for (const start of [7, 2]) {
        const seen = collector({ assigned: async () => start })
        await consuming(harness().log, topic, group, seen, () => until('the end', () => seen.next(0) === 10))
        expect(seen.texts()).toEqual(Array.from({ length: 10 - start }, (_, i) => `${start + i}`))
      }
    })

    it('goes where a verdict seeks, back and forth', async () => {
      const topic = await filled(1, 10)
      const verdicts: BatchResult[] = [
        { kind: 'seek', to: 3 },
        { kind: 'seek', to: 8 },
      ]
      const seen = collector({ batch: async () => verdicts.shift() ?? NEXT })
      await consuming(harness().log, topic, newName('g'), seen, () =>
        until('three batches', () => seen.batches.length >= 3),
      )
      expect(seen.batches.map(({ from }) => from)).toEqual([0, 3, 8])
    })

    it('leaves a parked partition alone, and goes on with the others', async () => {
      const topic = await filled(2, 10)
      const seen = collector({
        assigned: async (partition) => (partition === 0 ? 0 : 5),
        batch: async ({ partition }) => (partition === 0 ? { kind: 'park' } : NEXT),
      })
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        await until('the first batch of 0', () => seen.batches.some(({ partition }) => partition === 0))
        await harness().another.append([record(topic, 0, 'unseen'), record(topic, 1, 'seen')])
        await until('the other goes on', () => seen.texts(1).includes('seen'))
      })
      expect(seen.texts(0)).not.toContain('unseen')
    })

    it('never delivers a partition that the handler parks at its assignment, until it is rechecked', async () => {
      const topic = await filled(1, 3)
      let start: number | null = null
      const seen = collector({ assigned: async () => start })
      await consuming(harness().log, topic, newName('g'), seen, async (consumer) => {
        await until('it was asked', () => seen.assignments.length === 1)
        start = 1
        consumer.recheck(0)
        await until('it goes on', () => seen.next(0) === 3)
      })
      expect(seen.texts()).toEqual(['1', '2'])
    })

    it('asks for the place again on a recheck and goes on from the answer', async () => {
      const topic = await filled(1, 5)
      const seen = collector({ assigned: async () => 0 })
      await consuming(harness().log, topic, newName('g'), seen, async (consumer) => {
        await until('the end', () => seen.next(0) === 5)
        consumer.recheck(0)
        consumer.recheck(99)
        await until('twice', () => seen.texts().length === 10)
      })
      expect(seen.assignments).toEqual([0, 0])
    })

    it('delivers the same batch again when the handler rejects it, without holding up another partition', async () => {
      const topic = await filled(2, 4)
      let rejections = 0
      const seen = collector({
        batch: async ({ partition }) => {
          if (partition === 0 && ++rejections < 3) throw new Error('not now')
          return NEXT
        },
      })
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        await until('the other partition', () => seen.next(1) === 2)
        await until('the rejected one', () => seen.next(0) === 2)
      })
      expect(rejections).toBe(3)
      expect(seen.texts(0)).toEqual(['0', '2'])
    })

    it('asks again when the handler cannot say where to begin', async () => {
      const topic = await filled(1, 2)
      let asked = 0
      const seen = collector({
        assigned: async () => {
          if (++asked < 3) throw new Error('not now')
          return 1
        },
      })
      await consuming(harness().log, topic, newName('g'), seen, () => until('the end', () => seen.next(0) === 2))
      expect(seen.texts()).toEqual(['1'])
    })

    it('does not hold up a partition behind the slow batch of another', async () => {
      const topic = await filled(2, 2)
      const gate = Promise.withResolvers<void>()
      const seen = collector({
        batch: async ({ partition }) => {
          if (partition === 0) await gate.promise
          return NEXT
        },
      })
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        for (let i = 0; i < 20; i++) {
          await harness().another.append([record(topic, 1, `fast ${i}`)])
          await until('it is seen', () => seen.texts(1).includes(`fast ${i}`), 1000)
        }
        expect(seen.texts(0)).toEqual([])
        gate.resolve()
        await until('the slow one', () => seen.texts(0).length === 1)
      })
    })

    it('moves past aborted records and trailing control records with batches that have no records', async () => {
      const { log, transaction } = harness()
      const topic = await filled(1, 1)
      const seen = collector()
      await consuming(log, topic, newName('g'), seen, async () => {
        await until('the first', () => seen.next(0) === 1)
        const aborted = await transaction()
        await aborted.append([record(topic, 0, 'never')])
        await aborted.abort()
        await until('past the aborted one', () => seen.next(0) === 3)
        const committed = await transaction()
        await committed.append([record(topic, 0, 'seen')])
        await committed.commit()
        await until('past the marker', () => seen.next(0) === 5)
        expect((await log.endOffsets(topic, [0])).get(0)).toBe(5)
      })
      expect(seen.texts()).toEqual(['0', 'seen'])
    })

    it('asks for the place again where the offset is out of range, and parks on null', async () => {
      const { log, expire } = harness()
      const topic = await filled(1, 10)
      await expire(topic, 0, 6)
      const answers = [2, 6]
      const seen = collector({ assigned: async () => answers.shift() ?? null })
      await consuming(log, topic, newName('g'), seen, () => until('the end', () => seen.next(0) === 10))
      expect(seen.assignments).toEqual([0, 0])
      expect(seen.texts()).toEqual(['6', '7', '8', '9'])
    })

    it('asks for the place again when the topic is made anew, though the offset exists again', async () => {
      const { another, recreate } = harness()
      const topic = await filled(1, 3)
      const places = [0, null]
      const seen = collector({ assigned: async () => places.shift() ?? null })
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        await until('the end', () => seen.next(0) === 3)
        await recreate(topic, 1)
        await another.append(Array.from({ length: 9 }, () => record(topic, 0, 'another log')))
        await until('it is asked again', () => seen.assignments.length > 1)
      })
      expect(seen.texts()).toEqual(['0', '1', '2'])
    })

    it('delivers the first event after an idle while at once', async () => {
      const topic = await harness().newTopic(4)
      const seen = collector()
      await consuming(harness().log, topic, newName('g'), seen, async () => {
        await until('all are assigned', () => seen.owned.size === 4)
        const waits: number[] = []
        for (let i = 0; i < 9; i++) {
          await new Promise((resolve) => setTimeout(resolve, 60 * i))
          await harness().another.append([record(topic, i % 4, `${i}`)])
          const acknowledged = performance.now()
          await until('it is seen', () => seen.texts().includes(`${i}`))
          waits.push(performance.now() - acknowledged)
        }
        waits.sort((a, b) => a - b)
        expect(waits[4]).toBeLessThan(30)
        expect(waits[8]).toBeLessThan(FIRST_EVENT_MS)
      })
    })
  })
}
