import fc from 'fast-check'
import { expect } from 'vitest'
import type { Header, LogRecord } from '../../consumers/ports/log.ts'
import { sortBatch } from '../../consumers/projector/sort-batch.ts'
import { newMetadata } from '../../consumers/stored/checkpoint-metadata.ts'
import {
  allocated,
  assessed,
  enrolled,
  erased,
  granted,
  listed,
  paid,
  plan,
  scheduled,
  snapshot,
  transferred,
  updated,
} from '../golden/said.ts'
import { decidedHistory } from '../support/arbitraries.ts'
import { bare, binary, decision, nth, recordOf } from '../support/events.ts'
import { law } from '../support/law.ts'
import { bodyOf, type Entry, tell } from '../support/tell.ts'

const RICH = snapshot(
  listed([['A', 1]], {
    user: { name: 'U', phone: '1' },
    discounts: [{ discount_id: 'd', component_type: 'A', percent: 1 }],
    payments: [{ payment_id: 'p', amount: 1, paid_on: '2026-06-01', ...allocated(['A', 1, 'r']) }],
    payment_schedule: plan(['2026-07-01', 'r', [['A', 1]]]),
  }),
)
const VALID = [
  RICH,
  enrolled({ user: { name: 'U', phone: '1' } }),
  updated({ date_of_birth: null }),
  assessed([['A', 1]]),
  granted('d', 'A', { percent: 1 }),
  paid('p', 1, allocated(['A', 1, 'r'])),
  scheduled(['2026-07-01', 'r', [['A', 1]]]),
  transferred({ grade: '6' }),
  erased(),
  decision('discard', [0, 1], { force: true, let_go: [{ source: '/erp/main', sequence: '2' }] }),
  decision('replay', [bare(nth(2, paid('p', 1)))], { force: true }),
].map((said, index) => ({
  specversion: '1.0',
  id: `v${index}`,
  source: '/erp/main',
  time: '2026-06-01T09:00:00Z',
  sequence: index,
  ...said,
}))

const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    '__proto__',
    '\ud800',
    '\u0000',
    -0,
    1e308,
    -1,
    2 ** 53,
    '9'.repeat(40),
    [],
    {},
    [[]],
    true,
    '9223372036854775807',
    '9999-12-31',
    '0000-01-01',
    '9999-12-31T23:59:59-12:00',
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** A valid event in which one place is something else. */
const mutated = fc.tuple(fc.constantFrom(...VALID), fc.nat(), strange).map(([event, seed, value]) => {
  const copy = structuredClone(event) as Record<string, unknown>
  let at = copy
  let rest = seed
  for (;;) {
    const keys = Object.keys(at)
    const key = keys[rest % keys.length]!
    rest = Math.floor(rest / keys.length)
    const next = at[key]
    if (next !== null && typeof next === 'object' && Object.keys(next).length > 0 && rest % 4 !== 0) {
      at = next as Record<string, unknown>
      continue
    }
    at[key] = value
    return copy
  }
})

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((list) => Buffer.from(list)),
  fc.json().map((text) => Buffer.from(text)),
  mutated.map((event) => Buffer.from(JSON.stringify(event))),
  fc.tuple(mutated, fc.nat({ max: 400 })).map(([event, end]) => Buffer.from(JSON.stringify(event)).subarray(0, end)),
  mutated.map((event) => Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), Buffer.from(JSON.stringify(event))])),
)
const headers: fc.Arbitrary<Header[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      'ce_id',
      'ce_source',
      'ce_type',
      'ce_time',
      'ce_sequence',
      'ce_specversion',
      'content-type',
      'pullgate-rerouted-from',
    ),
    fc.oneof(
      fc.constant(null),
      fc
        .constantFrom(
          '1.0',
          'x',
          '7',
          'erp.heartbeat.v1',
          '2026-06-01T09:00:00Z',
          'application/cloudevents+json',
          't/0/5',
        )
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 8 }).map((list) => Buffer.from(list)),
    ),
  ),
  { maxLength: 5 },
)
const hostile: fc.Arbitrary<LogRecord> = fc
  .record({
    value: fc.option(bytes, { freq: 20 }),
    key: fc.option(fc.constantFrom('S-1', '', '\n').map((key) => Buffer.from(key))),
    headers,
    timestampMs: fc.constantFrom(-1, 0, Number.MAX_SAFE_INTEGER),
  })
  .map((at) => recordOf(at.value as Buffer | null, at))
const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 2, arbitrary: hostile },
  { weight: 3, arbitrary: mutated.map((event) => bare(event)) },
  { weight: 1, arbitrary: mutated.map((event) => binary(event)) },
)

law(
  'no bytes make the projector throw, and every answer is JSON',
  fc.tuple(decidedHistory, fc.array(entry, { minLength: 1, maxLength: 12 })),
  ([before, entries]) => {
    const told = tell(...before, ...entries)
    told.answers.enrolments.forEach((_, index) => void bodyOf(told, index, 0))
  },
  { runs: 1500 },
)

law(
  'a batch of anything is sorted out without a loss: every record is folded, noted, moved or a dead letter',
  fc.array(hostile, { minLength: 1, maxLength: 10 }),
  (records) => {
    const placed = records.map((record, offset) => ({ ...record, offset }))
    const sorted = sortBatch(placed, newMetadata('t', 'log.0'), 't', (id) => (id === 'S-1' ? 0 : 1))
    const folded = [...sorted.shares.values()].flat().length
    expect(folded + sorted.outcomes.length + sorted.misrouted.length).toBe(records.length)
  },
  { runs: 2000 },
)

const CANARY = /c[a@]nary/i
const canary = fc.constantFrom('Canary', 'canary-1', 'CANARY@example.org')
const personal = fc.record({
  fullname: canary,
  primary_contact_name: canary,
  primary_contact_email: canary,
  primary_contact_number: canary,
  custom_identifier: canary,
  user: fc.record({ name: canary, phone: canary }),
})

law(
  'an erasure leaves nothing of a person behind, whatever came before, but what its source sent after it',
  fc.tuple(
    fc.array(fc.tuple(personal, fc.constantFrom('5', '6', 'Canary'), fc.boolean(), fc.boolean()), { maxLength: 4 }),
    decidedHistory,
  ),
  ([people, entries]) => {
    const planted = people.flatMap(([data, grade, isHeld, isOrphan], index): Entry[] => [
      { ...enrolled(data, { grade }), id: `c${index}`, source: `/c${index}`, ...(isHeld && { sequence: 5 }) },
      ...(isOrphan ? [{ ...paid('Canary', 5, {}, { grade: `Canary ${index}` }), id: `o${index}`, source: '/o' }] : []),
      { ...paid('Canary', -5, {}, { grade }), id: `b${index}`, source: '/b' },
    ])
    const told = tell(...planted, ...entries, {
      ...erased(),
      id: 'gone',
      source: '/last',
      time: '2026-08-01T00:00:00Z',
    })
    expect(told.outcomes.at(-1)).toBe('applied')
    expect(told.bytes!.toString()).not.toMatch(CANARY)
    expect(told.answers.enrolments).toEqual([])
    expect(told.suspect).toBe(false)
  },
  { runs: 600 },
)

law(
  'no personal data is in what a dead letter’s headers say',
  fc
    .array(mutated, { minLength: 1, maxLength: 5 })
    .map((list) =>
      list.map(
        (event) =>
          JSON.parse(JSON.stringify(event).replaceAll('Asha', 'Canary').replaceAll('Ravi', 'Canary')) as object,
      ),
    ),
  (events) => {
    const told = tell(...events.map((event) => bare(event)))
    for (const { detail } of told.letters) expect(detail).not.toMatch(CANARY)
  },
  { runs: 1000 },
)
