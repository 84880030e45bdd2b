// Writes docs/schemas anew from the schemas that validate the events: node scripts/write-schemas.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import { type EventType, eventData } from '../projections/event.ts'
import { eventSchema } from '../projections/json-schema.ts'

const folder = new URL('../docs/schemas/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const type of Object.keys(eventData) as EventType[]) {
  writeFileSync(new URL(`${type}.json`, folder), `${JSON.stringify(eventSchema(type), null, 2)}\n`)
}
