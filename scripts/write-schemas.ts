// Rewrites docs/schemas from the schemas that validate the events: node scripts/write-schemas.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import { eventSchema, PUBLISHED_TYPES } from '../projections/events/json-schema.ts'

const folder = new URL('../docs/schemas/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const type of PUBLISHED_TYPES) {
  writeFileSync(new URL(`${type}.json`, folder), `${JSON.stringify(eventSchema(type), null, 2)}\n`)
}
