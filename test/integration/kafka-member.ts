/** A group member as a process of its own, for tests that kill it. Arguments: brokers, topic, group; says `assigned`. */
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { quiet } from './kafka-clients.ts'

const [brokers = '', topic = '', group = ''] = process.argv.slice(2)
const log = kafkaLog({ brokers: brokers.split(','), clientId: 'member', logger: quiet })
const consumer = await log.consume(topic, group, {
  assigned: async () => {
    process.stdout.write('assigned\n')
    return 0
  },
  revoked: () => {},
  batch: async () => ({ kind: 'next' }),
})
process.on('SIGTERM', () => void consumer.stop().then(() => log.close()))
