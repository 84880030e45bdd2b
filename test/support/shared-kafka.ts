import { randomBytes } from 'node:crypto'
import type { Log } from '../../consumers/ports/log.ts'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'

/** The broker that the test run has started. */
export const sharedBrokers = (): string => {
  const brokers = process.env['KAFKA_BROKERS']
  if (!brokers) throw new Error('KAFKA_BROKERS is not set: run the tests with "npm test", which starts a broker')
  return brokers
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

export const openLog = (): Log => kafkaLog({ brokers: sharedBrokers().split(','), clientId: 'test', logger: quiet })

/** A topic of the test's own, with its dead-letter topic. */
export const freshTopic = async (log: Log, partitions: number): Promise<string> => {
  const topic = `test.${randomBytes(6).toString('hex')}`
  await log.ensureTopics(topicSpecs(topic, partitions))
  return topic
}
