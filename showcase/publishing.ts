import type { NewRecord } from '../consumers/ports/log.ts'
import { answersSpec, topicSpecs } from '../consumers/ports/topic-spec.ts'
import { kafkaLog } from '../src/kafka/kafka-log.ts'
import { PARTITIONS } from './school.ts'

/** How the ERPs' events get into the log; `publish` resolves when they are acknowledged. */
export type Publishing = {
  readonly publish: (records: readonly NewRecord[]) => Promise<void>
  readonly close: () => Promise<void>
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {} }

/** As ERPs with a Kafka client do. */
export const overKafka = async (brokers: string, topic: string): Promise<Publishing> => {
  const log = kafkaLog({ brokers: brokers.split(','), clientId: 'demo-erps', logger: QUIET })
  await log.ensureTopics([...topicSpecs(topic, PARTITIONS), answersSpec(topic, PARTITIONS, 1)])
  return {
    publish: async (records) => {
      await log.append(records)
    },
    close: () => log.close(),
  }
}

/** What one request may bear. */
const EVENTS_AT_ONCE = 500

/** As ERPs without one do. */
export const overHttp = (url: string, username: string, password: string): Publishing => ({
  publish: async (records) => {
    for (let from = 0; from < records.length; from += EVENTS_AT_ONCE) {
      const events = records.slice(from, from + EVENTS_AT_ONCE).map(({ value }) => Buffer.from(value ?? '').toString())
      const response = await fetch(`${url}/events`, {
        method: 'POST',
        headers: {
          Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          'Content-Type': 'application/cloudevents-batch+json',
        },
        body: `[${events.join(',')}]`,
      })
      const said = await response.text()
      if (response.status !== 200) throw new Error(`the events were not accepted: ${response.status} ${said}`)
    }
  },
  close: async () => {},
})
