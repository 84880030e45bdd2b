import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REJECT_REASONS } from '../../../consumers/events/reject-reasons.ts'
import { eventData, HEARTBEAT, RESOLVED } from '../../../projections/events/event.ts'

const text = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8')
const codes = [...text.matchAll(/`([a-z_0-9.]+)`/g)].map(([, code]) => code!)

test('the docs name every event type, and no other', () => {
  const named = codes.filter((code) => /^(erp|pullgate)\..+\.v\d+$/.test(code))
  expect(new Set(named)).toEqual(new Set([...Object.keys(eventData), HEARTBEAT, RESOLVED]))
})

test('the docs name every code of a dead letter', () => {
  for (const code of Object.keys(REJECT_REASONS)) expect(codes).toContain(code)
})
