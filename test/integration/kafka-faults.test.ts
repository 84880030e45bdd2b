import { describe, expect, it } from 'vitest'
import { collector, consuming, newName, record, texts } from '../contract/log-harness.ts'
import { until } from '../support/until.ts'
import { elapsed, withClients } from './kafka-clients.ts'

describe('the log on Kafka, disturbed', () => {
  it('fails a look-up within about a second when the broker is silent, and works when it speaks again', () =>
    withClients(2, async ({ disturbed, proxy, topic }) => {
      await disturbed.endOffsets(topic, [0, 1])
      proxy.silence()
      const lookup = disturbed.endOffsets(topic, [0, 1])
      await expect(Promise.all([lookup, elapsed(lookup)])).rejects.toMatchObject({ code: 'unavailable' })
      expect(await elapsed(disturbed.endOffsets(topic, [0]))).toBeLessThan(1500)
      proxy.speak()
      expect(await disturbed.endOffsets(topic, [0])).toEqual(new Map([[0, 0]]))
    }))

  it('fails a look-up within about a second when nobody listens, and works when the broker is back', () =>
    withClients(1, async ({ disturbed, proxy, topic }) => {
      proxy.refuse()
      const lookup = disturbed.endOffsets(topic, [0])
      await expect(lookup).rejects.toMatchObject({ code: 'unavailable' })
      expect(await elapsed(disturbed.endOffsets(topic, [0]))).toBeLessThan(1500)
      proxy.accept()
      expect(await disturbed.endOffsets(topic, [0])).toEqual(new Map([[0, 0]]))
    }))

  it('answers a look-up that a reset interrupted', () =>
    withClients(1, async ({ disturbed, proxy, topic }) => {
      for (let i = 0; i < 10; i++) {
        const lookup = disturbed.endOffsets(topic, [0])
        proxy.reset()
        expect(await lookup).toEqual(new Map([[0, 0]]))
      }
    }))

  it(
    'writes each record once, where it says, through resets at any moment',
    () =>
      withClients(2, async ({ direct, disturbed, proxy, topic }) => {
        const written: string[][] = [[], []]
        for (let round = 0; round < 40; round++) {
          const records = [0, 1, 0, 1].map((partition, i) => record(topic, partition, `${round}.${i}`))
          const appending = disturbed.append(records)
          setTimeout(() => proxy.reset(), round % 8)
          for (const [i, { partition, offset }] of (await appending).entries())
            written[partition]![offset] = `${round}.${i}`
        }
        for (const partition of [0, 1])
          expect(texts((await direct.read(topic, partition, 0))!.records)).toEqual(written[partition])
      }),
    30_000,
  )

  it(
    'never repeats a sequence number after an append whose outcome it does not know',
    () =>
      withClients(1, async ({ direct, disturbed, proxy, topic }) => {
        await disturbed.append([record(topic, 0, 'first')])
        proxy.silence()
        const lost = disturbed.append([record(topic, 0, 'lost?')])
        expect(await elapsed(lost)).toBeLessThan(5000)
        await expect(lost).rejects.toMatchObject({ code: 'unavailable' })
        proxy.speak()
        const [position] = await disturbed.append([record(topic, 0, 'acknowledged')])
        const { records } = (await direct.read(topic, 0, 0))!
        expect(texts(records)[position!.offset]).toBe('acknowledged')
      }),
    20_000,
  )

  it(
    'goes on consuming after resets, silence and refusal, and skips and doubles nothing',
    () =>
      withClients(3, async ({ direct, disturbed, proxy, topic }) => {
        const seen = collector()
        let written = 0
        const write = async () => {
          await direct.append(Array.from({ length: 30 }, () => record(topic, written % 3, `${written++}`)))
        }
        await consuming(disturbed, topic, newName('g'), seen, async (consumer) => {
          await write()
          await until('all', () => seen.texts().length === written)
          for (const disturb of [proxy.reset, proxy.refuse, proxy.silence]) {
            disturb()
            await write()
            await new Promise((resolve) => setTimeout(resolve, 1500))
            proxy.accept()
            proxy.speak()
            await until('all again', () => seen.texts().length === written, 20_000)
            expect(consumer.silentMs()).toBeLessThan(2000)
          }
          await write()
          await until('all in the end', () => seen.texts().length === written)
        })
        expect(new Set(seen.texts()).size).toBe(written)
      }),
    60_000,
  )

  it(
    'is expelled while silent for longer than its session, joins again, and starts from the handler’s answer',
    () =>
      withClients(2, async ({ direct, disturbed, proxy, topic }) => {
        const group = newName('g')
        const next = new Map<number, number>()
        const shared = () =>
          collector({
            assigned: async (partition) => next.get(partition) ?? 0,
            batch: async (batch) => {
              if ((next.get(batch.partition) ?? 0) !== batch.from)
                return { kind: 'seek', to: next.get(batch.partition) ?? 0 }
              next.set(batch.partition, batch.next)
              return { kind: 'next' }
            },
          })
        const [zombie, other] = [shared(), shared()]
        await consuming(disturbed, topic, group, zombie, async () => {
          await until('it has both', () => zombie.owned.size === 2)
          await consuming(direct, topic, group, other, async () => {
            await until('each has one', () => zombie.owned.size === 1 && other.owned.size === 1)
            proxy.silence()
            const began = performance.now()
            await until('the other takes over', () => other.owned.size === 2, 20_000)
            expect(performance.now() - began).toBeLessThan(10_000)
            await direct.append([record(topic, 0, 'a'), record(topic, 1, 'b')])
            await until('it applies both', () => next.get(0) === 1 && next.get(1) === 1)
            proxy.speak()
            await until('they share again', () => zombie.owned.size === 1 && other.owned.size === 1, 20_000)
          })
        })
      }),
    60_000,
  )

  it('opens one connection for calls that come together, and closes all that it opened', () =>
    withClients(16, async ({ disturbed, proxy, topic }) => {
      const partitions = [...Array(16).keys()]
      await Promise.all(partitions.map((partition) => disturbed.read(topic, partition, 0)))
      // Two for metadata: of the configured list, and by the number of the broker; two to the leader.
      expect(proxy.connections()).toBeLessThanOrEqual(4)
      await disturbed.close()
      await until('all are closed', () => proxy.connections() === 0)
    }))

  it(
    'stops within a bounded time while the broker is silent',
    () =>
      withClients(1, async ({ disturbed, proxy, topic }) => {
        const seen = collector()
        const consumer = await disturbed.consume(topic, newName('g'), seen)
        await until('it is assigned', () => seen.owned.size === 1)
        proxy.silence()
        expect(await elapsed(consumer.stop())).toBeLessThan(12_000)
        expect(seen.owned.size).toBe(0)
      }),
    30_000,
  )

  it(
    'stops within a bounded time before it could join at all',
    () =>
      withClients(1, async ({ disturbed, proxy, topic }) => {
        proxy.refuse()
        const consumer = await disturbed.consume(topic, newName('g'), collector())
        expect(await elapsed(consumer.stop())).toBeLessThan(12_000)
      }),
    30_000,
  )
})
