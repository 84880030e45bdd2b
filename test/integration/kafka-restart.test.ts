import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { collector, consuming, newName, record } from '../contract/log-harness.ts'
import { until } from '../support/until.ts'
import { elapsed, quiet } from './kafka-clients.ts'
import { canRunKafka, type PrivateKafka, privateKafka } from './private-kafka.ts'

describe.skipIf(!canRunKafka)('the log on a broker that goes and comes back', () => {
  let kafka: PrivateKafka
  beforeAll(async () => {
    kafka = await privateKafka()
    await kafka.start()
  }, 90_000)
  afterAll(() => kafka.close())

  const disturbances = [
    { what: 'is killed and started again', away: () => kafka.kill(), back: () => kafka.start() },
    {
      what: 'is stopped for ten seconds and continued',
      away: async () => kafka.signal('SIGSTOP'),
      back: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10_000))
        kafka.signal('SIGCONT')
      },
    },
  ]
  for (const { what, away, back } of disturbances)
    it(`goes on where it was when the broker ${what}`, async () => {
      const log = kafkaLog({ brokers: kafka.brokers, clientId: 'restart', logger: quiet })
      try {
        const topic = newName('t')
        await until(
          'the broker is ready',
          () =>
            log.ensureTopics([{ name: topic, partitions: 4, settings: new Map() }]).then(
              () => true,
              () => false,
            ),
          30_000,
        )
        const seen = collector()
        const numbered = () => seen.texts().filter((text) => text !== 'x' && text !== 'again')
        let written = 0
        const write = async () => {
          await log.append(Array.from({ length: 40 }, (_, i) => record(topic, i % 4, `${written + i}`)))
          written += 40
        }
        await consuming(log, topic, newName('g'), seen, async (consumer) => {
          await write()
          await until('all', () => seen.texts().length === 40)
          await away()
          const lookups = [await elapsed(log.endOffsets(topic, [0])), await elapsed(log.endOffsets(topic, [0]))]
          expect(Math.max(...lookups)).toBeLessThan(1500)
          await expect(log.append([record(topic, 0, 'x')])).rejects.toMatchObject({ code: 'unavailable' })
          await expect(log.read(topic, 0, 0)).rejects.toMatchObject({ code: 'unavailable' })
          await back()
          await until(
            'it writes again',
            () =>
              log.append([record(topic, 3, 'again')]).then(
                () => true,
                () => false,
              ),
            30_000,
          )
          await write()
          await until('all again', () => numbered().length >= 80 && seen.texts().includes('again'), 30_000)
          expect(consumer.silentMs()).toBeLessThan(3000)
        })
        expect(numbered().length).toBe(80)
        expect(new Set(numbered()).size).toBe(80)
      } finally {
        await log.close()
      }
    }, 120_000)
})
