import { describe, expect, it } from 'vitest'
import { topicOf } from '../../consumers/ports/log.ts'
import { until } from '../support/until.ts'
import { type LogHarness, newName, record, texts } from './log-harness.ts'

export const readLaws = (harness: () => LogHarness): void => {
  describe('read and offsets', () => {
    it('knows start and end of each partition that is asked for', async () => {
      const { log, newTopic } = harness()
      const topic = await newTopic(3)
      await log.append([record(topic, 0, 'a'), record(topic, 0, 'b'), record(topic, 2, 'c')])
      expect(await log.endOffsets(topic, [0, 2])).toEqual(
        new Map([
          [0, 2],
          [2, 1],
        ]),
      )
      expect(await log.startOffsets(topic, [1])).toEqual(new Map([[1, 0]]))
    })

    it('reads from an offset on, nothing at the end, and null out of range', async () => {
      const { log, newTopic } = harness()
      const topic = await newTopic(1)
      await log.append([record(topic, 0, 'a'), record(topic, 0, 'b'), record(topic, 0, 'c')])
      const batch = (await log.read(topic, 0, 1))!
      expect({ ...batch, records: texts(batch.records) }).toEqual({
        partition: 0,
        from: 1,
        end: 3,
        records: ['b', 'c'],
        next: 3,
        identity: expect.any(String),
      })
      expect(await log.read(topic, 0, 3)).toMatchObject({ partition: 0, from: 3, records: [], next: 3 })
      expect(await log.read(topic, 0, 4)).toBeNull()
    })

    it('comes to the end of a long partition in bounded steps', async () => {
      const { log, newTopic } = harness()
      const topic = await newTopic(1)
      const body = 'x'.repeat(1000)
      await log.append(Array.from({ length: 2000 }, (_, i) => record(topic, 0, `${i} ${body}`)))
      const seen: string[] = []
      let steps = 0
      for (let from = 0; from < 2000; steps++) {
        const batch = (await log.read(topic, 0, from, { maxBytes: 100_000 }))!
        expect(batch.next).toBeGreaterThan(from)
        seen.push(...texts(batch.records).map((text) => text.split(' ')[0]!))
        from = batch.next
      }
      expect(seen).toEqual(Array.from({ length: 2000 }, (_, i) => `${i}`))
      expect(steps).toBeGreaterThan(2)
    })

    it('waits for the first record when told to', async () => {
      const { log, another, newTopic } = harness()
      const topic = await newTopic(1)
      const reading = log.read(topic, 0, 0, { waitMs: 5000 })
      await another.append([record(topic, 0, 'late')])
      expect(texts((await reading)!.records)).toEqual(['late'])
    })

    it('answers null for records that have expired', async () => {
      const { log, newTopic, expire } = harness()
      const topic = await newTopic(1)
      await log.append([record(topic, 0, 'a'), record(topic, 0, 'b'), record(topic, 0, 'c')])
      await expire(topic, 0, 2)
      expect(await log.startOffsets(topic, [0])).toEqual(new Map([[0, 2]]))
      expect(await log.read(topic, 0, 1)).toBeNull()
      expect(texts((await log.read(topic, 0, 2))!.records)).toEqual(['c'])
    })

    it('shows a committed transaction, never an aborted one, and lies past both markers', async () => {
      const { log, newTopic, transaction } = harness()
      const topic = await newTopic(1)
      const aborted = await transaction()
      await aborted.append([record(topic, 0, 'never'), record(topic, 0, 'never')])
      await aborted.abort()
      const committed = await transaction()
      await committed.append([record(topic, 0, 'seen')])
      await committed.commit()
      await until('the commit has arrived', async () => (await log.read(topic, 0, 0))?.next === 5)
      expect(texts((await log.read(topic, 0, 0))!.records)).toEqual(['seen'])
      expect((await log.endOffsets(topic, [0])).get(0)).toBe(5)
      expect(await log.read(topic, 0, 4)).toMatchObject({ partition: 0, from: 4, records: [], next: 5 })
    })

    it('stops before an open transaction, though the end lies behind it', async () => {
      const { log, newTopic, transaction } = harness()
      const topic = await newTopic(1)
      await log.append([record(topic, 0, 'before')])
      const open = await transaction()
      await open.append([record(topic, 0, 'inside')])
      await log.append([record(topic, 0, 'behind')])
      const batch = (await log.read(topic, 0, 0))!
      expect({ texts: texts(batch.records), next: batch.next }).toEqual({ texts: ['before'], next: 1 })
      expect((await log.endOffsets(topic, [0])).get(0)).toBe(3)
      await open.commit()
      await until('the commit has arrived', async () => (await log.read(topic, 0, 1))?.next === 4)
      expect(texts((await log.read(topic, 0, 1))!.records)).toEqual(['inside', 'behind'])
    })

    it('hides aborted transactions that overlap each other and end in another order than they began', async () => {
      const { log, newTopic, transaction } = harness()
      const topic = await newTopic(1)
      const first = await transaction()
      const second = await transaction()
      await first.append([record(topic, 0, 'never 1')])
      await second.append([record(topic, 0, 'never 2')])
      await second.append([record(topic, 0, 'never 2')])
      await second.abort()
      await log.append([record(topic, 0, 'plain')])
      await first.append([record(topic, 0, 'never 1')])
      await first.abort()
      await until('both ends have arrived', async () => (await log.read(topic, 0, 0))?.next === 7)
      expect(texts((await log.read(topic, 0, 0))!.records)).toEqual(['plain'])
      expect(texts((await log.read(topic, 0, 2))!.records)).toEqual(['plain'])
    })

    it('names the log with its end and with what is read of it, and gives a topic made anew another name', async () => {
      const { log, newTopic, recreate } = harness()
      const topic = await newTopic(2)
      await log.append([record(topic, 1, 'a')])
      const before = await log.ends(topic, [0, 1])
      expect([before.get(0)!.next, before.get(1)!.next]).toEqual([0, 1])
      expect((await log.read(topic, 1, 0))!.identity).toBe(before.get(1)!.identity)
      expect(await log.ends(topic, [0, 1])).toEqual(before)
      await recreate(topic, 2)
      await log.append([record(topic, 1, 'a')])
      const after = await log.ends(topic, [0, 1])
      expect(after.get(1)!.next).toBe(1)
      for (const partition of [0, 1])
        expect(topicOf(after.get(partition)!.identity)).not.toBe(topicOf(before.get(partition)!.identity))
      expect((await log.read(topic, 1, 0))!.identity).toBe(after.get(1)!.identity)
    })

    it('tells with each end how many partitions the topic has, those that were added since too', async () => {
      const { log, newTopic, grow } = harness()
      const topic = await newTopic(2)
      const before = await log.ends(topic, [0, 1])
      expect([...before.values()].map(({ partitions }) => partitions)).toEqual([2, 2])
      await grow(topic, 3)
      const after = await log.ends(topic, [0, 1])
      expect([...after.values()].map(({ partitions }) => partitions)).toEqual([3, 3])
      expect(after.get(0)!.identity).toBe(before.get(0)!.identity)
    })

    it('rejects, within its deadline, for a topic that is not there', async () => {
      await expect(harness().log.endOffsets(newName('nowhere'), [0])).rejects.toMatchObject({ code: 'unavailable' })
    })
  })
}
