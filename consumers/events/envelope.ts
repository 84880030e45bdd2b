import { isUtf8 } from 'node:buffer'
import { hasDuplicateKeys } from '../../projections/values/duplicate-keys.ts'
import type { Header, LogRecord } from '../ports/log.ts'
import type { RejectReason } from './reject-reasons.ts'

/** A record's CloudEvents attributes as received, not yet validated, and its data. */
export type RawEvent = {
  readonly attributes: Readonly<Record<Attribute, unknown>>
  readonly data: unknown
  /** An object of it has two members of one name: the last one was read, and others may read the first. */
  readonly hasDuplicateKeys: boolean
}

export const ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'time', 'sequence', 'traceparent'] as const
export type Attribute = (typeof ATTRIBUTES)[number]

export type RawResult =
  | { readonly kind: 'raw'; readonly raw: RawEvent }
  | { readonly kind: 'unreadable'; readonly detail: RejectReason; readonly attributes: RawEvent['attributes'] | null }

const STRUCTURED = 'application/cloudevents+json'

/**
 * Bytes → attributes and data. Structured where the content type says so, binary where `ce_` headers are, else bare:
 * a JSON object that is the event. A schema-registry frame around the JSON is stripped.
 */
export const readRecord = (record: LogRecord): RawResult => {
  const headers = attributeHeaders(record)
  const json = parseValue(record.value)
  if (headers) {
    if (json.kind === 'bad') return { kind: 'unreadable', detail: json.detail, attributes: headers }
    return { kind: 'raw', raw: { attributes: headers, data: json.value, hasDuplicateKeys: json.hasDuplicateKeys } }
  }
  if (json.kind === 'bad') return { kind: 'unreadable', detail: json.detail, attributes: null }
  const event = json.value
  if (event === null || typeof event !== 'object' || Array.isArray(event))
    return { kind: 'unreadable', detail: 'not_an_object', attributes: null }
  return { kind: 'raw', raw: fromObject(event as Record<string, unknown>, json.hasDuplicateKeys) }
}

const own = (object: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

const fromObject = (event: Record<string, unknown>, hasDuplicateKeys: boolean): RawEvent => {
  const attributes = pick((name) => own(event, name))
  const data = own(event, 'data')
  if (data !== undefined) return { attributes, data, hasDuplicateKeys }
  const inner = fromBase64(own(event, 'data_base64'))
  return { attributes, data: inner?.value, hasDuplicateKeys: hasDuplicateKeys || inner?.hasDuplicateKeys === true }
}

const pick = (read: (name: Attribute) => unknown): Readonly<Record<Attribute, unknown>> => ({
  specversion: read('specversion'),
  id: read('id'),
  source: read('source'),
  type: read('type'),
  time: read('time'),
  sequence: read('sequence') ?? undefined,
  traceparent: read('traceparent'),
})

const fromBase64 = (text: unknown): ReadJson | null => {
  if (typeof text !== 'string') return null
  const json = parseValue(Buffer.from(text, 'base64'))
  return json.kind === 'ok' ? json : null
}

export const isBinary = (record: LogRecord): boolean => attributeHeaders(record) !== null

/** The attributes of a binary event; `null` where the record is not one. A value that is not UTF-8 is invalid. */
const attributeHeaders = (record: LogRecord): RawEvent['attributes'] | null => {
  let found: Record<string, unknown> | null = null
  for (const [name, value] of record.headers) {
    if (value === null) continue
    const lower = name.toLowerCase()
    if (lower === 'content-type' && isStructured(value)) return null
    if (!lower.startsWith('ce_')) continue
    const attribute = lower.slice(3)
    if (!(ATTRIBUTES as readonly string[]).includes(attribute)) continue
    found ??= Object.create(null) as Record<string, unknown>
    found[attribute] = isUtf8(value) ? text(value) : { bytes: Buffer.from(value).toString('base64') }
  }
  const headers = found
  return headers && pick((name) => headers[name])
}

const isStructured = (value: Uint8Array): boolean =>
  text(value).trim().toLowerCase().split(';', 1)[0]!.trim() === STRUCTURED

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

export const headerText = (headers: readonly Header[], name: string): string | null => {
  const header = headers.find(([known]) => known === name)
  const value = header?.[1]
  return value && isUtf8(value) ? text(value) : null
}

type ReadJson = { readonly kind: 'ok'; readonly value: unknown; readonly hasDuplicateKeys: boolean }
type Parsed = ReadJson | { readonly kind: 'bad'; readonly detail: RejectReason }

const parseValue = (value: Uint8Array | null): Parsed => {
  if (value === null || value.length === 0) return { kind: 'bad', detail: 'not_json' }
  const framed = value[0] === 0 && value.length > 5
  const bytes = framed ? value.subarray(5) : value
  const bad = (detail: RejectReason): Parsed => ({ kind: 'bad', detail: framed ? 'schema_registry_payload' : detail })
  if (!isUtf8(bytes)) return bad('not_utf8')
  try {
    const json = text(bytes)
    const value: unknown = JSON.parse(json)
    return { kind: 'ok', value, hasDuplicateKeys: hasDuplicateKeys(json, value) }
  } catch {
    return bad('not_json')
  }
}
