import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { LETTER_REASONS } from '../../projections/state/student.ts'
import { VERSION } from '../version.ts'
import { eventSchemas } from './event-schemas.ts'

/** The event topic and its dead-letter topic as AsyncAPI 3, from the program's side: it receives what publishers send. */

const BINDING = '0.5.0'

const reference = (path: string) => ({ $ref: `#/${path}` })

const message = (type: string, payload: object) => ({
  name: type,
  title: type,
  contentType: 'application/cloudevents+json',
  headers: {
    type: 'object',
    properties: { 'content-type': { type: 'string', description: 'application/cloudevents+json' } },
  },
  payload,
  bindings: {
    kafka: { key: { type: 'string', description: 'the student’s identifier, UTF-8' }, bindingVersion: BINDING },
  },
})

const letter = {
  name: 'deadLetter',
  title: 'Dead letter',
  summary: 'A record that could not be applied, with the key, value and headers that it came with',
  headers: {
    type: 'object',
    properties: {
      'pullgate-reason': { type: 'string', enum: [...LETTER_REASONS] },
      ...Object.fromEntries(
        ['detail', 'topic', 'partition', 'offset', 'timestamp'].map((name) => [`pullgate-${name}`, { type: 'string' }]),
      ),
    },
  },
  payload: { description: 'the bytes as they came' },
}

const channel = (name: string, partitions: number, settings: ReadonlyMap<string, string>, messages: object) => ({
  address: name,
  messages,
  bindings: {
    kafka: {
      topic: name,
      partitions,
      topicConfiguration: {
        'cleanup.policy': ['delete'],
        'retention.ms': Number(settings.get('retention.ms')),
        'max.message.bytes': Number(settings.get('max.message.bytes')),
      },
      bindingVersion: BINDING,
    },
  },
})

export const asyncApi = (topic: string, partitions: number): object => {
  const schemas = eventSchemas()
  const [events, letters] = topicSpecs(topic, partitions)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Pullgate',
      version: VERSION,
      description:
        'ERPs publish what happens to students. A record’s key is the student’s identifier, its partition that of Java’s default partitioner.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      events: channel(
        events!.name,
        events!.partitions,
        events!.settings,
        Object.fromEntries(Object.keys(schemas).map((type) => [type, reference(`components/messages/${type}`)])),
      ),
      deadLetters: channel(letters!.name, letters!.partitions, letters!.settings, {
        deadLetter: reference('components/messages/deadLetter'),
      }),
    },
    operations: {
      applyEvents: { action: 'receive', channel: reference('channels/events') },
      writeDeadLetters: { action: 'send', channel: reference('channels/deadLetters') },
    },
    components: {
      messages: {
        ...Object.fromEntries(Object.entries(schemas).map(([type, payload]) => [type, message(type, payload)])),
        deadLetter: letter,
      },
    },
  }
}
