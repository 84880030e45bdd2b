import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { LogPosition } from '../../projections/events/event.ts'
import { decode } from '../events/decode.ts'
import { readRecord } from '../events/envelope.ts'
import { validateRecord } from '../events/validate.ts'
import type { Header, LogRecord } from '../ports/log.ts'
import { REROUTED_EARLIER, REROUTED_FROM, REROUTED_TOPIC } from '../rerouting/reroute.ts'

/**
 * Encodes a record of the log as one line of JSON. A log made from the lines folds to the same answers.
 *
 * A valid event is its CloudEvent in structured form, with its own bytes where possible. Every other record (above all
 * poison) is wrapped byte for byte into an event of the type `pullgate.record.v1`. Both begin with marks as extension
 * attributes: position, timestamp, and whether the record was moved from a wrong partition.
 */
export type Marks = {
  readonly at: LogPosition
  readonly timestampMs: number
  /** The record was moved from a wrong partition, so the log's order does not apply to it. */
  readonly rerouted: boolean
}

/** What a line becomes in a log. */
export type PortableRecord = Pick<LogRecord, 'key' | 'value' | 'headers'>

export const WRAPPED = 'pullgate.record.v1'
export const STRUCTURED_HEADER: Header = ['content-type', Buffer.from('application/cloudevents+json; charset=utf-8')]

/** Without its line's end. */
export const toLine = (record: LogRecord, rerouted: boolean): string => {
  const marks = marksText({ at: record, timestampMs: record.timestampMs, rerouted })
  for (const event of [bareEvent(record), binaryEvent(record)])
    if (event !== null && saysTheSame(record, event)) return `{${marks},${event.slice(1)}`
  return `{${marks},${wrapped(record).slice(1)}`
}

const marksText = ({ at, timestampMs, rerouted }: Marks): string =>
  `"pullgateat":"${at.partition}:${at.offset}","pullgatetime":"${timestampMs}"${rerouted ? ',"pullgatererouted":"true"' : ''}`

const MARKS = /^\{"pullgateat":"(\d{1,9}):(\d{1,16})","pullgatetime":"(-?\d{1,16})"(,"pullgatererouted":"true")?,(?=")/
const LONGEST_MARKS = 160

/** `misplaced`: its marks are not in front, so they cannot be separated from its own bytes. */
export const fromLine = (
  line: Buffer,
):
  | {
      readonly kind: 'record'
      readonly record: PortableRecord
      readonly marks: Marks | null
      /** It is not a valid event, or not one that text can express: its bytes are kept unchanged. */
      readonly wrapped: boolean
    }
  | { readonly kind: 'misplaced' }
  | { readonly kind: 'unwrappable' } => {
  const parts = MARKS.exec(line.toString('latin1', 0, LONGEST_MARKS))
  if (!parts)
    return hasMarks(line)
      ? { kind: 'misplaced' }
      : { kind: 'record', record: structured(line), marks: null, wrapped: false }
  const marks: Marks = {
    at: { partition: Number(parts[1]), offset: Number(parts[2]) },
    timestampMs: Number(parts[3]),
    rerouted: parts[4] !== undefined,
  }
  const value = Buffer.concat([Buffer.from('{'), line.subarray(parts[0].length)])
  const earlier: readonly Header[] = marks.rerouted ? [[REROUTED_EARLIER, Buffer.from('true')]] : []
  const wrapped = isWrapped(value)
  const record = wrapped ? unwrapped(value) : structured(value)
  if (record === null) return { kind: 'unwrappable' }
  return { kind: 'record', record: { ...record, headers: [...record.headers, ...earlier] }, marks, wrapped }
}

const structured = (value: Buffer): PortableRecord => ({ key: null, value, headers: [STRUCTURED_HEADER] })

const hasMarks = (line: Buffer): boolean => {
  if (!line.includes('"pullgateat"')) return false
  const event = parsed(line)
  return event !== null && Object.hasOwn(event, 'pullgateat')
}

const isWrapped = (value: Buffer): boolean => value.includes(WRAPPED) && parsed(value)?.['type'] === WRAPPED

const parsed = (line: Buffer): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The event's own text on one line: what breaks lines in valid JSON is white space. */
const oneLine = (value: Uint8Array): string => {
  const framed = value[0] === 0 && value.length > 5
  return Buffer.from(framed ? value.subarray(5) : value)
    .toString('utf8')
    .replace(/[\r\n]/g, ' ')
    .trim()
}

const bareEvent = ({ value }: LogRecord): string | null => {
  const text = value && oneLine(value)
  return text && /^\{\s*"/.test(text) ? text : null
}

/** Attributes in headers, data in the value: put together, the data's own text as it stands. */
const binaryEvent = (record: LogRecord): string | null => {
  const read = readRecord(record)
  const { attributes } = read.kind === 'raw' ? read.raw : read
  if (attributes === null) return null
  const head = JSON.stringify(attributes).slice(0, -1)
  const data = record.value === null || record.value.length === 0 ? '' : `,"data":${oneLine(record.value)}`
  return `${head}${data}}`
}

/** Both are judged alike by the projector: the same fact under the same identity, content and number. */
const saysTheSame = (record: LogRecord, event: string): boolean => {
  const value = Buffer.from(event)
  const again: LogRecord = { ...record, ...structured(value) }
  if (validateRecord(again).kind !== 'valid') return false
  const [before, after] = [decode(record), decode(again)]
  return before.kind !== 'tombstone' && isDeepStrictEqual(before, after)
}

const base64 = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64')

const wrapped = (record: LogRecord): string =>
  JSON.stringify({
    specversion: '1.0',
    id: `${record.partition}:${record.offset}`,
    source: '/pullgate/export',
    type: WRAPPED,
    time: timeOf(record.timestampMs),
    data: {
      key: base64(record.key),
      value: base64(record.value),
      headers: record.headers
        .filter(([name]) => name !== REROUTED_FROM && name !== REROUTED_TOPIC && name !== REROUTED_EARLIER)
        .map(([name, value]) => [name, base64(value)]),
    },
  })

const timeOf = (ms: number): string => {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? '1970-01-01T00:00:00.000Z' : time.toISOString()
}

const bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .nullable()
const wrappedData = z.object({
  data: z.object({ key: bytes, value: bytes, headers: z.array(z.tuple([z.string(), bytes])) }),
})

const unwrapped = (line: Buffer): PortableRecord | null => {
  const read = wrappedData.safeParse(parsed(line))
  if (!read.success) return null
  const { key, value, headers } = read.data.data
  const asBytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'))
  return { key: asBytes(key), value: asBytes(value), headers: headers.map(([name, text]) => [name, asBytes(text)]) }
}
