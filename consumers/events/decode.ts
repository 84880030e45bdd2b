import { hash } from 'node:crypto'
import {
  type Envelope,
  eventData,
  type Fact,
  HEARTBEAT,
  isEventType,
  type LogPosition,
  OPERATOR,
  RESOLVED,
} from '../../projections/events/event.ts'
import { isAttribute } from '../../projections/events/fields.ts'
import { UPCASTS, type Upcast, upcast } from '../../projections/events/upcast.ts'
import type { Broken } from '../../projections/sequence/incoming-record.ts'
import type { ForeignEvent } from '../../projections/state/student.ts'
import { parseMoment } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord } from '../ports/log.ts'
import { canonicalBytes } from './canonical.ts'
import type { Decoded } from './decoded.ts'
import { type RawEvent, readRecord } from './envelope.ts'
import { identifierIn, namedStudent } from './named-student.ts'
import { describe, type RejectReason } from './reject-reasons.ts'
import { readResolution } from './resolution.ts'

export const MAX_VALUE_BYTES = 1024 * 1024

/**
 * Total: every record is something.
 *
 * @param ignoresSequence as if the event bore none: an operator has forced it in
 */
export const decode = (record: LogRecord, ignoresSequence = false, upcasts: readonly Upcast[] = UPCASTS): Decoded => {
  const place: LogPosition = { partition: record.partition, offset: record.offset }
  const read = readRecord(record)
  const attributes = read.kind === 'raw' ? read.raw.attributes : read.attributes
  const type = typeof attributes?.type === 'string' ? attributes.type : null
  if (record.value === null && type !== HEARTBEAT) return { kind: 'tombstone' }

  const data = read.kind === 'raw' ? read.raw.data : undefined
  const identifier = namedStudent(data, record.key)
  const fail = (detail: RejectReason, where?: string): Decoded => {
    const content = read.kind === 'raw' ? data : bytesAsData(record.value)
    const broken = brokenOf(place, attributes, content, describe(detail, where))
    return identifier === null || type === HEARTBEAT
      ? { kind: 'stray', broken }
      : { kind: 'student', identifier, source: broken.source, content: broken }
  }
  const oversized = (record.value?.length ?? 0) > MAX_VALUE_BYTES && type !== RESOLVED
  if (oversized) return fail('too_large')
  const foreign = type !== null && type !== '' && !type.startsWith('erp.') && !type.startsWith('pullgate.')
  if (read.kind === 'unreadable' && foreign) return { kind: 'foreign' }
  // A heartbeat has no data: whatever a client writes that cannot write a null value.
  if (read.kind === 'unreadable' && type !== HEARTBEAT) return fail(read.detail)
  if (attributes === null) return fail('bad_envelope')

  if (foreign && attributes.sequence === undefined && identifierIn(data) === null) return { kind: 'foreign' }
  const envelope = readEnvelope(attributes, data, type === HEARTBEAT || ignoresSequence)
  // A type that is not ours can do no harm, however broken.
  if (typeof envelope === 'string' && foreign) return { kind: 'foreign' }
  if (typeof envelope === 'string') return fail('bad_envelope', envelope)
  if (type === HEARTBEAT) return { kind: 'heartbeat', source: envelope.source }
  if (foreign) return foreignEvent(identifier, { envelope, fact: null, place, timestampMs: record.timestampMs })
  if (type === RESOLVED && envelope.source === OPERATOR) {
    const resolution = readResolution({ place, envelope, timestampMs: record.timestampMs }, data, decode)
    if (resolution.kind === 'invalid') return fail('invalid_data', resolution.where)
    return { kind: 'student', identifier: resolution.identifier, source: OPERATOR, content: resolution.resolution }
  }
  const newest = upcast({ type: type ?? '', data }, upcasts)
  if (!isEventType(newest.type)) return fail('unknown_type')
  const parsed = eventData[newest.type].safeParse(newest.data)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return fail(
      'invalid_data',
      `/data${issue ? issue.path.map((part) => `/${String(part)}`).join('') : ''}: ${issue?.message ?? ''}`,
    )
  }
  const fact = { type: newest.type, data: parsed.data } as Fact
  const event = { envelope, fact, place, timestampMs: record.timestampMs }
  return {
    kind: 'student',
    identifier: fact.data.student.identifier,
    source: envelope.source,
    content: { kind: 'event', event },
  }
}

const foreignEvent = (identifier: StudentId | null, event: ForeignEvent): Decoded =>
  identifier === null
    ? { kind: 'foreign' }
    : { kind: 'student', identifier, source: event.envelope.source, content: { kind: 'event', event } }

/** The envelope, or the name of the attribute that is missing or invalid. */
const readEnvelope = (
  attributes: RawEvent['attributes'],
  data: unknown,
  ignoresSequence: boolean,
): Envelope | string => {
  const { source, id, type } = attributes
  if (attributes.specversion !== '1.0') return 'specversion'
  if (!isAttribute(id)) return 'id'
  if (!isAttribute(source)) return 'source'
  if (typeof type !== 'string' || type === '') return 'type'
  const time = parseMoment(attributes.time)
  if (time === null) return 'time'
  const sequence = ignoresSequence ? null : parseSequence(attributes.sequence)
  if (sequence === 'unreadable') return 'sequence'
  return { source, identity: identityOf(source, id), content: contentOf(attributes, data), time, sequence }
}

/** 66 bits of a hash: among the last 256 events of one student a chance meeting is out of the question. */
const identityOf = (source: string, id: string): string =>
  hash('sha1', `${source.length}:${source}${id}`, 'base64url').slice(0, 11)

const contentOf = (attributes: RawEvent['attributes'], data: unknown): string => {
  const sequence = parseSequence(attributes.sequence)
  const number = typeof sequence === 'bigint' ? String(sequence) : (attributes.sequence ?? null)
  const bytes = canonicalBytes([attributes.type ?? null, attributes.time ?? null, number, data ?? null])
  // Only compared where the identities are equal: 48 bits tell another content from the same.
  return hash('sha1', bytes, 'base64url').slice(0, 8)
}

const MAX_SEQUENCE = 2n ** 63n - 1n

/** 1 … 2^63 − 1 as digits, or as a safe integer; `null` where there is none. */
export const parseSequence = (value: unknown): bigint | null | 'unreadable' => {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 1 ? BigInt(value) : 'unreadable'
  if (typeof value !== 'string' || !/^0*[0-9]{1,19}$/.test(value)) return 'unreadable'
  const number = BigInt(value)
  return number >= 1n && number <= MAX_SEQUENCE ? number : 'unreadable'
}

/** Data that cannot be read is compared byte by byte. */
const bytesAsData = (value: Uint8Array | null): unknown => ['bytes', Buffer.from(value ?? []).toString('base64')]

/** As much of a bad event's envelope as can be read. */
const brokenOf = (
  place: LogPosition,
  attributes: RawEvent['attributes'] | null,
  data: unknown,
  detail: string,
): Broken => {
  const source = isAttribute(attributes?.source) ? attributes.source : null
  const id = isAttribute(attributes?.id) ? attributes.id : null
  const known =
    typeof attributes?.type === 'string' &&
    (isEventType(attributes.type) || attributes.type === HEARTBEAT || attributes.type === RESOLVED)
  return {
    kind: 'broken',
    place,
    type: known ? (attributes.type as string) : 'unknown',
    detail,
    source,
    identity: source !== null && id !== null ? identityOf(source, id) : null,
    content: attributes === null ? null : contentOf(attributes, data),
    sequence: attributes === null ? 'unreadable' : parseSequence(attributes.sequence),
  }
}
