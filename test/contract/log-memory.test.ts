import { memoryLog } from '../../src/memory/log.ts'
import { newName } from './log-harness.ts'
import { logSuite } from './log-suite.ts'

logSuite('the log in memory', async () => {
  const log = memoryLog()
  return {
    log,
    another: log,
    newTopic: async (partitions) => {
      const name = newName('t')
      await log.ensureTopics([{ name, partitions, settings: new Map() }])
      return name
    },
    transaction: async () => {
      const transaction = log.transaction()
      return {
        append: async (records) => transaction.append(records),
        commit: async () => transaction.commit(),
        abort: async () => transaction.abort(),
      }
    },
    expire: async (topic, partition, start) => log.expire(topic, partition, start),
    recreate: async (topic) => log.recreate(topic),
    grow: async (topic, partitions) => log.addPartitions(topic, partitions - (await log.describe(topic))!.partitions),
    close: () => log.close(),
  }
})
