import { z } from 'zod'
import { type EventType, eventData, HEARTBEAT } from './event.ts'

/** JSON Schemas of whole events in structured form, for publishers: made of the very schemas that validate them. */

const ENVELOPE = {
  specversion: { const: '1.0' },
  id: { type: 'string', minLength: 1, maxLength: 256 },
  source: { type: 'string', minLength: 1, maxLength: 256 },
  time: { type: 'string', format: 'date-time' },
  sequence: {
    description: '1, 2, 3 … without holes for each source and student, up to 2^63 - 1',
    anyOf: [
      { type: 'string', pattern: '^0*[0-9]{1,19}$' },
      { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    ],
  },
  traceparent: { type: 'string' },
} as const

/**
 * The input side. A plain parser (projections/events/fields.ts) tells zod nothing of its input. Its schema is in its
 * metadata, and a member is required where its absence is refused.
 */
const JSON_SCHEMA: Parameters<typeof z.toJSONSchema>[1] = {
  io: 'input',
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }) => {
    if (!(zodSchema instanceof z.ZodObject)) return
    const shape = zodSchema.shape as Readonly<Record<string, z.ZodType>>
    const required = Object.keys(shape).filter((key) => !shape[key]!.safeParse(undefined).success)
    if (required.length > 0) jsonSchema.required = required
  },
}

/** Everything that an ERP may publish. */
export const PUBLISHED_TYPES: readonly (EventType | typeof HEARTBEAT)[] = [
  ...(Object.keys(eventData) as EventType[]),
  HEARTBEAT,
]

const REQUIRED = ['specversion', 'id', 'source', 'type', 'time']

/** The input side, so that fields of tomorrow's publishers are allowed. A heartbeat is an envelope alone. */
export const eventSchema = (type: EventType | typeof HEARTBEAT): object => {
  const { $schema, ...data } = z.toJSONSchema(type === HEARTBEAT ? z.unknown() : eventData[type], JSON_SCHEMA)
  const { sequence: _, ...alone } = ENVELOPE
  const properties =
    type === HEARTBEAT ? { ...alone, type: { const: type } } : { ...ENVELOPE, type: { const: type }, data }
  const required = type === HEARTBEAT ? REQUIRED : [...REQUIRED, 'data']
  return { $schema, title: type, type: 'object', properties, required }
}
