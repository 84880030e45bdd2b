import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventSchema, PUBLISHED_TYPES as types } from '../../../../projections/events/json-schema.ts'

const folder = new URL('../../../../docs/schemas/', import.meta.url)

test('there is a published schema for each event type, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(types.map((type) => `${type}.json`).sort())
})

test.each(types)('the published schema of %s is what the program validates', (type) => {
  expect(JSON.parse(readFileSync(new URL(`${type}.json`, folder), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(eventSchema(type))),
  )
})

test('the published schemas let publishers grow: no object forbids unknown fields', () => {
  for (const type of types) expect(JSON.stringify(eventSchema(type))).not.toContain('additionalProperties')
})
