// The floor of applying: a kafkajs consumer whose handler does nothing. Arguments: brokers, topic. Prints how many
// records it was given, a line every 50 ms.
import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'

const [brokers = '', topic = ''] = process.argv.slice(2)
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: `floor.${randomBytes(6).toString('hex')}` })
let given = 0
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  eachBatchAutoResolve: true,
  eachBatch: async ({ batch }) => {
    given += batch.messages.length
  },
})
setInterval(() => process.stdout.write(`${given}\n`), 50)
process.once('SIGTERM', () => process.exit())
