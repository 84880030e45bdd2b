// Ingest's floor: a bare Fastify POST that awaits a kafkajs send of the batch, on the topic given on the command line.
import Fastify from 'fastify'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

const [brokers = '', topic = ''] = process.argv.slice(2)
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
await producer.connect()

type Event = { readonly data: { readonly student: { readonly identifier: string } } }

const app = Fastify()
app.addContentTypeParser('application/cloudevents-batch+json', { parseAs: 'string' }, (_request, body, done) => {
  done(null, JSON.parse(String(body)))
})
app.post('/events', async (request) => {
  const events = request.body as readonly Event[]
  const messages = events.map((event) => ({ key: event.data.student.identifier, value: JSON.stringify(event) }))
  await producer.send({ topic, acks: -1, messages })
  return { status: 'success', data: { accepted: events.length } }
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${new URL(address).port}\n`)
process.once('SIGTERM', () => process.exit())
