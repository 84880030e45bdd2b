import { HEARTBEAT, isEventType, type LogPosition, OPERATOR, RESOLVED } from '../../projections/events/event.ts'
import { UPCASTS, type Upcast, upcast } from '../../projections/events/upcast.ts'
import type { ForeignEvent } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord } from '../ports/log.ts'
import { aboutOf } from './about.ts'
import { brokenRule } from './attribute-rules.ts'
import { brokenOf } from './broken.ts'
import { dataPointer, dataWords } from './data-words.ts'
import type { Decoded } from './decoded.ts'
import { isBinary, type RawResult, readRecord } from './envelope.ts'
import { isForeignType } from './foreign-type.ts'
import { didYouMean, meantType } from './meant-type.ts'
import { identifierIn, namedStudent } from './named-student.ts'
import { readData } from './read-data.ts'
import { readEnvelope } from './read-envelope.ts'
import type { RejectReason } from './reject-reasons.ts'
import { readResolution } from './resolution.ts'

export const MAX_VALUE_BYTES = 1024 * 1024

/**
 * Total: every record is something.
 *
 * @param ignoresSequence as if the event bore none: an operator has forced it in
 * @param read the record as `readRecord` returned it, where that was done in an earlier turn
 */
export const decode = (
  record: LogRecord,
  ignoresSequence = false,
  upcasts: readonly Upcast[] = UPCASTS,
  read: RawResult = readRecord(record),
): Decoded => {
  const place: LogPosition = { partition: record.partition, offset: record.offset }
  const attributes = read.kind === 'raw' ? read.raw.attributes : read.attributes
  const type = typeof attributes?.type === 'string' ? attributes.type : null
  if (record.value === null && type !== HEARTBEAT) return { kind: 'tombstone' }

  const data = read.kind === 'raw' ? read.raw.data : undefined
  const identifier = namedStudent(data, record.key)
  const fail = (detail: RejectReason, where = ''): Decoded => {
    const content = read.kind === 'raw' ? data : bytesAsData(record.value)
    const broken = brokenOf(record, attributes, { content, about: aboutOf(data) }, { detail, where })
    return identifier === null || type === HEARTBEAT
      ? { kind: 'stray', broken }
      : { kind: 'student', identifier, source: broken.source, content: broken }
  }
  const oversized = (record.value?.length ?? 0) > MAX_VALUE_BYTES && type !== RESOLVED
  if (oversized) return fail('too_large')
  const foreign = type !== null && isForeignType(type)
  if (read.kind === 'unreadable' && foreign) return { kind: 'foreign' }
  // A heartbeat has no data: whatever a client writes that cannot write a null value.
  if (read.kind === 'unreadable' && type !== HEARTBEAT) return fail(read.detail)
  if (attributes === null) return fail('bad_envelope')
  // The value of a binary heartbeat is ignored.
  const isUnread = type === HEARTBEAT && isBinary(record)
  if (read.kind === 'raw' && read.raw.hasDuplicateKeys && !isUnread) return fail('duplicate_key')

  if (foreign && attributes.sequence === undefined && identifierIn(data) === null) return { kind: 'foreign' }
  const envelope = readEnvelope(attributes, data, type === HEARTBEAT || ignoresSequence)
  // A type that is not ours can do no harm, however broken.
  if (typeof envelope === 'string' && foreign) return { kind: 'foreign' }
  if (typeof envelope === 'string') return fail('bad_envelope', `/${envelope}: ${brokenRule(attributes, envelope)}`)
  if (type === HEARTBEAT) return { kind: 'heartbeat', source: envelope.source }
  if (foreign) return foreignEvent(identifier, { envelope, fact: null, place, timestampMs: record.timestampMs })
  if (type === RESOLVED && envelope.source === OPERATOR) {
    const resolution = readResolution({ place, envelope, timestampMs: record.timestampMs }, data, decode)
    if (resolution.kind === 'invalid') return fail('invalid_data', resolution.where)
    return { kind: 'student', identifier: resolution.identifier, source: OPERATOR, content: resolution.resolution }
  }
  const newest = upcast({ type: type ?? '', data }, upcasts)
  if (!isEventType(newest.type)) return fail('unknown_type', didYouMean(meantType(newest.type)))
  const readable = readData(newest.type, newest.data, envelope.source)
  if (readable.kind === 'invalid') {
    const [problem] = readable.problems
    const where = problem === undefined ? '' : `${dataPointer(problem.path)}: ${dataWords(problem, newest.data)}`
    return fail('invalid_data', where)
  }
  const { fact } = readable
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

/** Data that cannot be read is compared byte by byte. */
const bytesAsData = (value: Uint8Array | null): unknown => ['bytes', Buffer.from(value ?? []).toString('base64')]
