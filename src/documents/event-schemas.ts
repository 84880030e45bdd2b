import { type EventType, eventData, HEARTBEAT } from '../../projections/events/event.ts'
import { eventSchema } from '../../projections/events/json-schema.ts'

/** A JSON Schema as an OpenAPI or AsyncAPI document takes it: the document says which dialect all of its schemas speak. */
const withoutDialect = ({ $schema: _, ...schema }: { readonly $schema?: unknown }): object => schema

const heartbeat = (): object => {
  const { properties, required, ...rest } = withoutDialect(eventSchema('erp.student.erased.v1')) as {
    readonly properties: Record<string, unknown>
    readonly required: readonly string[]
  }
  const { data: _, sequence: __, ...attributes } = properties
  return {
    ...rest,
    title: HEARTBEAT,
    properties: { ...attributes, type: { const: HEARTBEAT } },
    required: required.filter((name) => name !== 'data'),
  }
}

/** The schema of every event that a publisher may send, by its type. */
export const eventSchemas = (): Readonly<Record<string, object>> => ({
  ...Object.fromEntries(
    (Object.keys(eventData) as EventType[]).map((type) => [type, withoutDialect(eventSchema(type))]),
  ),
  [HEARTBEAT]: heartbeat(),
})
