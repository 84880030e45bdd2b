import { HEARTBEAT, isEventType, OPERATOR, RESOLVED } from '../../projections/events/event.ts'
import { isAttribute } from '../../projections/events/fields.ts'
import { MAX_PROBLEMS } from '../../projections/events/list.ts'
import { upcast } from '../../projections/events/upcast.ts'
import { parseMoment } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord } from '../ports/log.ts'
import { partitionOf } from '../ports/partition.ts'
import { decode } from './decode.ts'
import { type RawEvent, readRecord } from './envelope.ts'
import { bareType, isForeignType } from './foreign-type.ts'
import { readData } from './read-data.ts'
import { parseSequence } from './read-envelope.ts'
import { inWords, REJECT_REASONS } from './reject-reasons.ts'

/**
 * The validation result for a publisher, before its event is written. The projector's `decode` decides, so both accept
 * the same events; this module only adds the messages. One rule is stricter: an event of a foreign type needs a valid
 * envelope too.
 */
export type ValidatedRecord =
  | {
      readonly kind: 'valid'
      readonly source: string
      /** `null`: it concerns no student (a heartbeat, a foreign type) and may be on any partition. */
      readonly identifier: StudentId | null
    }
  | { readonly kind: 'invalid'; readonly problems: readonly EventProblem[] }

/** One thing wrong with an event: a JSON pointer into it in its structured form, and words without its values. */
export type EventProblem = { readonly pointer: string; readonly message: string }

export const validateRecord = (record: LogRecord): ValidatedRecord => {
  const decoded = decode(record)
  if (decoded.kind === 'heartbeat') return { kind: 'valid', source: decoded.source, identifier: null }
  if (decoded.kind === 'student' && decoded.content.kind !== 'broken' && decoded.source !== null)
    return { kind: 'valid', source: decoded.source, identifier: decoded.identifier }
  const read = readRecord(record)
  const attributes = read.kind === 'raw' ? read.raw.attributes : read.attributes
  const problems = attributes === null ? [] : envelopeProblems(attributes)
  if (decoded.kind === 'foreign' && problems.length === 0 && isAttribute(attributes?.source))
    return { kind: 'valid', source: attributes.source, identifier: null }
  if (read.kind === 'unreadable') problems.push(unreadable(read.detail, attributes !== null))
  else for (const problem of dataProblems(read.raw)) problems.push(problem)
  if (problems.length === 0) problems.push({ pointer: '', message: detailOf(decoded) })
  return { kind: 'invalid', problems }
}

/**
 * Key and partition of a valid event. An event without a student has no key; its source's name decides the partition.
 */
export const addressOf = (
  { source, identifier }: Extract<ValidatedRecord, { kind: 'valid' }>,
  partitions: number,
): { readonly key: Uint8Array | null; readonly partition: number } => ({
  key: identifier === null ? null : Buffer.from(identifier),
  partition: partitionOf(identifier ?? source, partitions),
})

/** The type of ours that capital letters, white space or quotation marks hide. */
const hintFor = (type: string): string => {
  const meant = bareType(type)
  return meant !== type && (isEventType(meant) || meant === HEARTBEAT) ? `; did you mean ${meant}?` : ''
}

const at = (pointer: string, message: string): EventProblem => ({ pointer, message })

const unreadable = (detail: keyof typeof REJECT_REASONS, isData: boolean): EventProblem =>
  at(isData ? '/data' : '', REJECT_REASONS[detail])

const envelopeProblems = (attributes: RawEvent['attributes']): EventProblem[] => {
  const problems: EventProblem[] = []
  const check = (name: keyof RawEvent['attributes'], isValid: boolean, message: string): void => {
    if (!isValid) problems.push(at(`/${name}`, attributes[name] === undefined ? 'is required' : message))
  }
  const { type } = attributes
  check('specversion', attributes.specversion === '1.0', 'must be "1.0"')
  check('id', isAttribute(attributes.id), 'must be text of 1 to 256 characters')
  check('source', isAttribute(attributes.source), 'must be text of 1 to 256 characters')
  check('type', isAttribute(type), 'must be text of 1 to 256 characters')
  check('time', parseMoment(attributes.time) !== null, 'must be an RFC 3339 moment with an offset')
  const counts = type !== HEARTBEAT && parseSequence(attributes.sequence) === 'unreadable'
  if (counts) problems.push(at('/sequence', 'must be digits, or an integer, from 1 to 2^63 - 1'))
  return problems
}

const dataProblems = ({ attributes, data }: RawEvent): readonly EventProblem[] => {
  const { type, source } = attributes
  if (typeof type !== 'string' || type === '' || type === HEARTBEAT) return []
  if (isForeignType(type)) return []
  if (type === RESOLVED && source === OPERATOR) return []
  const newest = upcast({ type, data })
  if (!isEventType(newest.type)) return [at('/type', `is not a type of event that this version knows${hintFor(type)}`)]
  const readable = readData(newest.type, newest.data, source)
  const problems = readable.kind === 'invalid' ? readable.problems.slice(0, MAX_PROBLEMS) : []
  return problems.map(({ path, message }) => {
    const pointer = `/data${path.map((part) => `/${escaped(String(part))}`).join('')}`
    return at(pointer, valueAt(newest.data, path) === undefined ? 'is required' : words(message))
  })
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

const words = (message: string): string =>
  message.replace(/^Invalid (?:input|option): expected /, 'must be ').replace(/, received .*$/, '')

/** The value at a path; `undefined` without one. */
const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown => {
  let value = data
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

const detailOf = (decoded: ReturnType<typeof decode>): string => {
  if (decoded.kind === 'stray') return inWords(decoded.broken)
  return decoded.kind === 'student' && decoded.content.kind === 'broken' ? inWords(decoded.content) : 'is not valid'
}
