import { type Instant, readInstant } from './clock.ts'
import { hasDuplicateKey } from './duplicate-keys.ts'
import { asIdentifier, asName } from './fields.ts'
import { canonical, field, isObject, type Json, type JsonObject } from './json.ts'
import { aboutBroken, aboutOf, readPayload } from './payload.ts'
import { isKnown } from './payload-change.ts'
import type { Bad, Decoded, DetailFamily, LogRecord } from './types.ts'

const MOST_BYTES = 1_048_576
const HEARTBEAT = 'erp.heartbeat.v1'
const MOST_SEQUENCE = 2n ** 63n - 1n

/** The attributes as they were found, and the data: undefined where there is none or it is unreadable. */
type Raw = {
  readonly attributes: JsonObject
  readonly data: Json | undefined
  readonly readable: boolean
  /** An object in the value has two members of one name. */
  readonly ambiguous: boolean
}

/** What a record is, kept because a log is laid out by it first and read then. */
const decoded = new WeakMap<LogRecord, Decoded>()

export const decode = (record: LogRecord, ignoreSequence = false): Decoded => {
  if (ignoreSequence) return decodeAnew(record, true)
  const known = decoded.get(record) ?? decodeAnew(record, false)
  decoded.set(record, known)
  return known
}

/** `ignoreSequence`: as if the event had come without one; what an operator's forced replay asks for. */
const decodeAnew = (record: LogRecord, ignoreSequence: boolean): Decoded => {
  const headers = new Map(record.headers)
  const binary = !isStructured(headers) && [...headers.keys()].some((name) => name.startsWith('ce_'))
  const raw = binary ? readBinary(headers, record.value) : readWhole(record.value)
  const type = field(raw.attributes, 'type')
  if (record.value === null) {
    if (!binary || type !== HEARTBEAT) return { kind: 'tombstone' }
  }
  const family = firstFault(record, raw, binary, ignoreSequence)
  if (type === HEARTBEAT) {
    const source = asName(field(raw.attributes, 'source'))
    if (family === null && source !== null) return { kind: 'heartbeat', source }
    return { ...badOf(record, raw, ignoreSequence, family ?? 'envelope'), student: null }
  }
  const foreign = asName(type) !== null && !isOurs(type as string)
  const harmless = foreign && family !== 'too_large' && family !== 'duplicate_key'
  // A foreign event only matters where it has a turn to take.
  if (harmless && (family !== null || sequenceOf(raw, ignoreSequence) === null)) return { kind: 'foreign' }
  const bad = badOf(record, raw, ignoreSequence, family ?? 'invalid_data')
  if (family !== null) return bad
  if (foreign && bad.student === null) return { kind: 'foreign' }
  const { student, source, id, sequence, content, time } = bad
  if (time === null || student === null || source === null || id === null) return bad
  const payload = foreign ? { type: 'foreign' as const } : readPayload(type as string, raw.data as JsonObject, source)
  if (payload === null || content === null || sequence === 'unreadable') return bad
  return { kind: 'event', student, source, id, time, sequence, content, payload, about: aboutOf(payload) }
}

/** Of the ERP or the gateway, or so like one of theirs that it must be meant. */
const isOurs = (type: string): boolean => {
  const bare = type.toLowerCase().trim()
  const quoted = /^(["'])(.*)\1$/s.exec(bare)
  return /^(erp|pullgate)\./.test((quoted?.[2] ?? bare).trim())
}

const isStructured = (headers: ReadonlyMap<string, Buffer | null>): boolean =>
  /^\s*application\/cloudevents\+json\s*(;|$)/i.test(utf8(headers.get('content-type') ?? null) ?? '')

/** Strict: what is not UTF-8 is null, and a byte order mark stays (so that it is no JSON). */
const utf8 = (bytes: Buffer | null): string | null => {
  try {
    return bytes === null ? null : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

type ReadJson = { readonly json: Json | undefined; readonly ambiguous: boolean }

/** JSON with or without a schema registry's frame: a zero byte and four more. */
const readJson = (value: Buffer | null): ReadJson => {
  const text = utf8(value?.[0] === 0 ? value.subarray(5) : value)
  try {
    if (text !== null) return { json: JSON.parse(text) as Json, ambiguous: hasDuplicateKey(text) }
  } catch {}
  return { json: undefined, ambiguous: false }
}

const readWhole = (value: Buffer | null): Raw => {
  const { json: envelope, ambiguous } = readJson(value)
  if (!isObject(envelope)) return { attributes: {}, data: undefined, readable: false, ambiguous: false }
  return { attributes: envelope, data: field(envelope, 'data'), readable: true, ambiguous }
}

const readBinary = (headers: ReadonlyMap<string, Buffer | null>, value: Buffer | null): Raw => {
  const attributes = [...headers]
    .filter(([name, bytes]) => name.startsWith('ce_') && bytes !== null)
    .map(([name, bytes]) => [name.slice(3), utf8(bytes)] as const)
  const { json: data, ambiguous } = readJson(value)
  // A header that is no UTF-8 must not look absent: false is no valid value of any attribute.
  const known = Object.fromEntries(attributes.map(([name, text]) => [name, text ?? false]))
  return { attributes: known, data, readable: data !== undefined, ambiguous }
}

const sequenceOf = (raw: Raw, ignore: boolean): bigint | null | 'unreadable' => {
  const value = ignore ? undefined : field(raw.attributes, 'sequence')
  if (value === undefined) return null
  const digits = typeof value === 'string' && /^[0-9]+$/.test(value)
  if (!digits && !Number.isSafeInteger(value)) return 'unreadable'
  const number = BigInt(value as string | number)
  return number >= 1n && number <= MOST_SEQUENCE ? number : 'unreadable'
}

const timeOf = (attributes: JsonObject): Instant | null => {
  const time = field(attributes, 'time')
  return typeof time === 'string' ? readInstant(time) : null
}

const firstFault = (record: LogRecord, raw: Raw, binary: boolean, ignoreSequence: boolean): DetailFamily | null => {
  const { attributes } = raw
  const type = field(attributes, 'type')
  if (record.value !== null && record.value.length > MOST_BYTES) return 'too_large'
  const unread = binary && type === HEARTBEAT
  if (!raw.readable && !unread) return 'undecodable'
  if (raw.ambiguous && !unread) return 'duplicate_key'
  if (field(attributes, 'specversion') !== '1.0') return 'envelope'
  if (asName(field(attributes, 'id')) === null || asName(field(attributes, 'source')) === null) return 'envelope'
  if (timeOf(attributes) === null) return 'envelope'
  if (asName(type) === null) return 'envelope'
  if (type === HEARTBEAT) return null
  if (sequenceOf(raw, ignoreSequence) === 'unreadable') return 'envelope'
  if (!isOurs(type as string)) return null
  if (!isKnown(type as string)) return 'unknown_type'
  return isObject(raw.data) ? null : 'invalid_data'
}

/** As much of a record as can be read, for the case that it is bad: whose it is, and what it claims to be. */
const badOf = (record: LogRecord, raw: Raw, ignoreSequence: boolean, family: DetailFamily): Bad => {
  const { attributes } = raw
  const student = isObject(raw.data) ? field(raw.data, 'student') : undefined
  const named = isObject(student) ? asIdentifier(field(student, 'identifier')) : null
  const source = asName(field(attributes, 'source'))
  const id = asName(field(attributes, 'id'))
  const nothing = Object.keys(attributes).length === 0
  const sequence = nothing && !raw.readable ? 'unreadable' : sequenceOf(raw, ignoreSequence)
  return {
    kind: 'bad',
    family,
    student: named ?? asIdentifier(utf8(record.key) ?? undefined),
    source,
    id,
    sequence,
    content: source === null || id === null ? null : contentOf(record, raw),
    time: timeOf(attributes),
    about: aboutBroken(field(attributes, 'type'), raw.data),
  }
}

/** Type, time, sequence and data by value. A sequence counts as the number it is; unreadable data as its bytes. */
const contentOf = (record: LogRecord, raw: Raw): string => {
  const { attributes } = raw
  const sequence = sequenceOf(raw, false)
  return canonical([
    field(attributes, 'type') ?? null,
    field(attributes, 'time') ?? null,
    typeof sequence === 'bigint' ? { number: String(sequence) } : (field(attributes, 'sequence') ?? null),
    raw.data === undefined && !raw.readable ? { bytes: record.value?.toString('hex') ?? '' } : (raw.data ?? null),
  ])
}

/** The student that a record is about, or null where it is about none. */
export const studentNamed = (decoded: Decoded): string | null =>
  decoded.kind === 'event' || decoded.kind === 'bad' ? decoded.student : null
