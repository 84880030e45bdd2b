import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode } from '../../consumers/events/decode.ts'
import type { Header, LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { scanRecords } from '../../consumers/scout/scan-records.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { recordOf } from '../support/events.ts'
import { generateHistory } from '../support/generate.ts'
import { hostileInputs } from '../support/hostile.ts'
import { law } from '../support/law.ts'

/** Whom decoding names is marked, or everybody is; and a student of another partition is noticed. */
const expectCovered = (record: LogRecord): void => {
  const decoded = decode(record)
  const partitions = 4
  const scanned = scanRecords([record], record.partition, (id) => partitionOf(id, partitions))
  if (decoded.kind !== 'student') return
  const { identifier } = decoded
  const isMarked = scanned.marks.get(identifier) === record.offset || scanned.everybody === record.offset
  expect([identifier, isMarked]).toEqual([identifier, true])
  const isMisrouted = partitionOf(identifier, partitions) !== record.partition
  if (isMisrouted) expect(scanned.misrouted).toBe(record.offset)
}

const PIECES = ['S', '-', '1', ' ', '"', '\\', '/', 'é', 'অ', '\u{1f600}', '\t', '\u0000', 'identifier', ':', '{', ',']
const identifier: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join('')) },
  fc.constantFrom(1042, -7, 0, 2 ** 53 - 1, 2 ** 53, 1.5, null, true, [], {}, 'x'.repeat(128), 'x'.repeat(129)),
)

/** JSON as some publishers write it: with spaces, with escapes where none are needed, with numbers in other forms. */
type Style = { readonly space: string; readonly escapes: number; readonly exponent: boolean }
const style: fc.Arbitrary<Style> = fc.record({
  space: fc.constantFrom('', '', ' ', '\n\t ', '\r\n'),
  escapes: fc.constantFrom(0, 0, 1, 3, 100),
  exponent: fc.boolean(),
})

const textIn = ({ escapes }: Style, text: string): string =>
  `"${Array.from(
    JSON.stringify(text)
      .slice(1, -1)
      .matchAll(/\\u....|\\.|[^\\]/gsu),
    ([unit], at) =>
      unit.length === 1 && (at * 7 + 1) % 100 < escapes
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        : unit,
  ).join('')}"`

const jsonIn = (how: Style, value: unknown): string => {
  const { space } = how
  if (typeof value === 'string') return textIn(how, value)
  if (typeof value === 'number' && how.exponent) return value.toExponential()
  if (Array.isArray(value)) return `[${space}${value.map((item) => jsonIn(how, item)).join(`${space},`)}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([name, item]) => `${space}${textIn(how, name)}${space}:${space}${jsonIn(how, item)}`,
  )
  return `{${members.join(`${space},`)}${space}}`
}

const event = fc
  .record({
    student: identifier,
    other: identifier,
    how: style,
    shape: fc.constantFrom('bare', 'binary', 'base64', 'both'),
    isFramed: fc.boolean(),
    isTwice: fc.boolean(),
    key: fc.option(fc.oneof(identifier, fc.constantFrom('S-1', 'S-2'))),
    partition: fc.nat({ max: 3 }),
    cut: fc.option(fc.nat({ max: 300 }), { freq: 8 }),
  })
  .map(({ student, other, how, shape, isFramed, isTwice, key, partition, cut }): LogRecord => {
    const schedule = [{ identifier: other, due_date: '2026-07-01' }]
    const data = { note: 'the "identifier": "no"', student: { identifier: student, grade: '5' }, schedule }
    const attributes = { specversion: '1.0', id: 'e', source: '/s', type: 'erp.schedule.cleared.v1', time: 'T' }
    const inner = isTwice
      ? jsonIn(how, data).replace(
          '{',
          `{${textIn(how, 'student')}:{${textIn(how, 'identifier')}:${jsonIn(how, other)}},`,
        )
      : jsonIn(how, data)
    const base64 = Buffer.from(inner).toString('base64')
    const outer = (members: string): string => jsonIn(how, attributes).replace(/\}$/, `,${members}}`)
    const text = {
      bare: outer(`${textIn(how, 'data')}:${inner}`),
      binary: inner,
      base64: outer(`${textIn(how, 'data_base64')}:${textIn(how, base64)}`),
      both: outer(`${textIn(how, 'data_base64')}:${textIn(how, base64)},${textIn(how, 'data')}:${inner}`),
    }[shape]
    const bytes = Buffer.from(text).subarray(0, cut ?? text.length * 4)
    const headers: Header[] = shape === 'binary' ? [['ce_type', Buffer.from('erp.schedule.cleared.v1')]] : []
    return recordOf(isFramed ? Buffer.concat([Buffer.from([0, 0x5c, 0x22, 0x5c, 1]), bytes]) : bytes, {
      key: key === null ? null : Buffer.from(String(key)),
      headers,
      partition,
      offset: 7,
    })
  })

law('a scan marks whom decoding names, however the JSON is written', event, expectCovered, {
  runs: 6000,
  // A key of one backslash, and a student whose name is one quote.
  kept: [{ seed: -690337611, path: '9738:3:2:2:2:2:5' }],
})

law(
  'a scan marks whom decoding names, whatever the bytes are',
  fc.record({
    value: fc.array(
      fc.constantFrom('{"data":', '{"student":', '{"identifier":', '"S-1"', '}', '}}}', '"', '\\', '\\u0069', ' ', ','),
      { maxLength: 14 },
    ),
    key: fc.option(fc.uint8Array({ maxLength: 4 })),
  }),
  ({ value, key }) => expectCovered(recordOf(Buffer.from(value.join('')), { key: key && Buffer.from(key) })),
  { runs: 6000 },
)

test('a scan marks whom decoding names, in histories and in everything bad that has been thought of', () => {
  for (let seed = 1; seed <= 60; seed += 1)
    for (const { partition, key, value, headers } of generateHistory(seed, { partitions: 4, misrouting: 0.3 }))
      expectCovered(recordOf(value, { key, headers, partition: partition ?? 0, offset: 3 }))
  for (const { key, value, headers } of hostileInputs()) expectCovered(recordOf(value, { key, headers, offset: 3 }))
})

test('a value that is the key is marked once, by either', () => {
  const ids = ['S-1', '007'] as StudentId[]
  const records = ids.map((id, offset) =>
    recordOf(JSON.stringify({ data: { student: { identifier: id } } }), { key: Buffer.from(id), offset }),
  )
  const { marks, everybody, misrouted } = scanRecords(records, 0, () => 0)
  expect([[...marks], everybody, misrouted]).toEqual([
    [
      ['S-1', 0],
      ['007', 1],
    ],
    -1,
    -1,
  ])
})
