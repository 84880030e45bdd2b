import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { until } from '../support/until.ts'
import { newName } from './log-harness.ts'
import { logSuite } from './log-suite.ts'

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '')
if (brokers.length === 0) throw new Error('KAFKA_BROKERS names no broker: run npm test')

const silent = { debug: () => {}, info: () => {}, warn: () => {} }

logSuite('the log on Kafka', async () => {
  const options = { brokers, logger: silent }
  const log = kafkaLog({ ...options, clientId: 'suite' })
  const another = kafkaLog({ ...options, clientId: 'another' })
  // Transactions and expiry are nothing that the port does: kafkajs's public interface plays the other publishers.
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const producers: ReturnType<typeof kafka.producer>[] = []
  return {
    log,
    another,
    newTopic: async (partitions) => {
      const name = newName('t')
      await log.ensureTopics([{ name, partitions, settings: new Map() }])
      return name
    },
    transaction: async () => {
      const producer = kafka.producer({
        transactionalId: newName('tx'),
        maxInFlightRequests: 1,
        idempotent: true,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      })
      await producer.connect()
      producers.push(producer)
      const transaction = await producer.transaction()
      return {
        append: async (records) => {
          for (const { topic, partition, key, value } of records) {
            const message = { partition, key: key && Buffer.from(key), value: value && Buffer.from(value) }
            await transaction.send({ topic, messages: [message] })
          }
        },
        commit: () => transaction.commit(),
        abort: () => transaction.abort(),
      }
    },
    expire: async (topic, partition, start) => {
      await admin.fetchTopicOffsets(topic) // kafkajs deletes only in topics it has heard of
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(start) }] })
    },
    recreate: async (topic, partitions) => {
      await admin.deleteTopics({ topics: [topic] })
      await until('the topic is gone', async () => (await another.describe(topic)) === null)
      await another.ensureTopics([{ name: topic, partitions, settings: new Map() }])
    },
    grow: async (topic, partitions) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] })
      await until('the partitions are there', async () => (await another.describe(topic))?.partitions === partitions)
    },
    close: async () => {
      await Promise.all([log.close(), another.close(), admin.disconnect(), ...producers.map((p) => p.disconnect())])
    },
  }
})

test('the cluster tells its clock, which is this machine’s', async () => {
  const log = kafkaLog({ brokers, logger: silent, clientId: 'clock' })
  const before = Date.now()
  const told = await log.clock!()
  const after = Date.now()
  await log.close()
  expect(told).toBeGreaterThanOrEqual(before - 1)
  expect(told).toBeLessThanOrEqual(after + 1)
})
