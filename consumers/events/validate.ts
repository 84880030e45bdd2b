import { HEARTBEAT, isEventType, OPERATOR, RESOLVED } from '../../projections/events/event.ts'
import { isAttribute } from '../../projections/events/fields.ts'
import { MAX_PROBLEMS } from '../../projections/events/list.ts'
import { type UnknownField, unknownFields } from '../../projections/events/unknown-fields.ts'
import { upcast } from '../../projections/events/upcast.ts'
import { parseMoment } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord } from '../ports/log.ts'
import { partitionOf } from '../ports/partition.ts'
import { brokenRule, type RuledAttribute } from './attribute-rules.ts'
import { dataPointer, dataWords, REQUIRED } from './data-words.ts'
import { decode } from './decode.ts'
import { type RawEvent, type RawResult, readRecord } from './envelope.ts'
import { isForeignType } from './foreign-type.ts'
import { didYouMean, meantType } from './meant-type.ts'
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

/** @param read the record as `readRecord` returned it, where that was done in an earlier turn */
export const validateRecord = (record: LogRecord, read: RawResult = readRecord(record)): ValidatedRecord => {
  const decoded = decode(record, false, undefined, read)
  if (decoded.kind === 'heartbeat') return { kind: 'valid', source: decoded.source, identifier: null }
  if (decoded.kind === 'student' && decoded.content.kind !== 'broken' && decoded.source !== null)
    return { kind: 'valid', source: decoded.source, identifier: decoded.identifier }
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

const at = (pointer: string, message: string): EventProblem => ({ pointer, message })

const unreadable = (detail: keyof typeof REJECT_REASONS, isData: boolean): EventProblem =>
  at(isData ? '/data' : '', REJECT_REASONS[detail])

const envelopeProblems = (attributes: RawEvent['attributes']): EventProblem[] => {
  const problems: EventProblem[] = []
  const check = (name: RuledAttribute, isValid: boolean): void => {
    if (!isValid) problems.push(at(`/${name}`, brokenRule(attributes, name)))
  }
  const { type } = attributes
  check('specversion', attributes.specversion === '1.0')
  check('id', isAttribute(attributes.id))
  check('source', isAttribute(attributes.source))
  check('type', isAttribute(type))
  check('time', parseMoment(attributes.time) !== null)
  check('sequence', type === HEARTBEAT || parseSequence(attributes.sequence) !== 'unreadable')
  return problems
}

const dataProblems = ({ attributes, data }: RawEvent): readonly EventProblem[] => {
  const { type, source } = attributes
  if (typeof type !== 'string' || type === '' || type === HEARTBEAT) return []
  if (isForeignType(type)) return []
  if (type === RESOLVED && source === OPERATOR) return []
  const newest = upcast({ type, data })
  if (!isEventType(newest.type)) return [at('/type', unknownType(newest.type))]
  const readable = readData(newest.type, newest.data, source)
  if (readable.kind === 'fact') return []
  const unknown = unknownFields(newest.type, newest.data)
  return readable.problems.slice(0, MAX_PROBLEMS).map((problem) => {
    const words = dataWords(problem, newest.data)
    return at(dataPointer(problem.path), words === REQUIRED ? `${words}${meantAs(problem.path, unknown)}` : words)
  })
}

const unknownType = (type: string): string => {
  const meant = meantType(type)
  return `is not a type of event that this version knows${meant === undefined ? '' : `; ${didYouMean(meant)}`}`
}

/** A missing field may be there under a wrong name. */
const meantAs = (path: readonly PropertyKey[], unknown: readonly UnknownField[]): string => {
  const pointer = dataPointer(path)
  const wrong = unknown.find((field) => dataPointer([...field.path.slice(0, -1), field.meant]) === pointer)
  return wrong === undefined ? '' : `; ${String(wrong.path.at(-1))} is no field: ${didYouMean(wrong.meant)}`
}

/**
 * What a valid event says that nobody reads: fields whose names are close to known ones, and a foreign type that is
 * close to one of ours.
 */
export const ignoredParts = (record: LogRecord): readonly EventProblem[] => {
  const read = readRecord(record)
  if (read.kind === 'unreadable' || typeof read.raw.attributes.type !== 'string') return []
  const { type, data } = upcast({ type: read.raw.attributes.type, data: read.raw.data })
  if (isEventType(type))
    return unknownFields(type, data).map(({ path, meant }) =>
      at(dataPointer(path), `is no field of ${type} and is ignored; ${didYouMean(meant)}`),
    )
  const meant = isForeignType(type) ? meantType(type) : undefined
  return meant === undefined ? [] : [at('/type', `is of no type of Pullgate and is ignored; ${didYouMean(meant)}`)]
}

const detailOf = (decoded: ReturnType<typeof decode>): string => {
  if (decoded.kind === 'stray') return inWords(decoded.broken)
  return decoded.kind === 'student' && decoded.content.kind === 'broken' ? inWords(decoded.content) : 'is not valid'
}
