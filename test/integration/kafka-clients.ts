import type { Log } from '../../consumers/ports/log.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { newName } from '../contract/log-harness.ts'
import { startProxy, type TcpProxy } from './kafka-proxy.ts'

export const kafkaBrokers = (): readonly string[] => {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '')
  if (brokers.length === 0) throw new Error('KAFKA_BROKERS names no broker: run npm test')
  return brokers
}

export const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

/** A client whose connections a test can disturb, and one that it cannot. */
export type Clients = {
  readonly direct: Log
  readonly disturbed: Log
  readonly proxy: TcpProxy
  readonly topic: string
}

export const withClients = async (partitions: number, body: (clients: Clients) => Promise<void>): Promise<void> => {
  const brokers = kafkaBrokers()
  const proxy = await startProxy(brokers)
  const direct = kafkaLog({ brokers, clientId: 'direct', logger: quiet })
  const disturbed = kafkaLog({
    brokers,
    clientId: 'disturbed',
    logger: quiet,
    route: proxy.route,
    appendDeadlineMs: 4000,
  })
  try {
    const topic = newName('t')
    await direct.ensureTopics([{ name: topic, partitions, settings: new Map() }])
    await body({ direct, disturbed, proxy, topic })
  } finally {
    proxy.accept()
    proxy.speak()
    await Promise.all([direct.close(), disturbed.close()])
    await proxy.close()
  }
}

export const elapsed = async (work: Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work.catch(() => {})
  return performance.now() - began
}
