import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type EventType, eventData } from '../../projections/event.ts'
import { eventSchema } from '../../projections/json-schema.ts'
import { upcast } from '../../projections/upcast.ts'

const folder = new URL('../../docs/schemas/', import.meta.url)
const types = Object.keys(eventData) as EventType[]

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

test('an old version is read through every step up to the newest', () => {
  const steps = [
    { from: 'a.v1', to: 'a.v2', data: (data: unknown) => [data, 'two'] },
    { from: 'a.v2', to: 'a.v3', data: (data: unknown) => [data, 'three'] },
  ]
  expect(upcast({ type: 'a.v1', data: 'one' }, steps)).toEqual({ type: 'a.v3', data: [['one', 'two'], 'three'] })
  expect(upcast({ type: 'a.v3', data: 'new' }, steps)).toEqual({ type: 'a.v3', data: 'new' })
})
