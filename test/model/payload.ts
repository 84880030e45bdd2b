import { asIdentifier, asName, fail, Invalid, list, must, optional, record } from './fields.ts'
import { field, isObject, type Json, type JsonObject } from './json.ts'
import { readChange } from './payload-change.ts'
import { keyOf, readPlace, readTarget } from './payload-place.ts'
import { readListed } from './payload-snapshot.ts'
import type { About, Change, Payload } from './types.ts'

const TRANSFERRED = 'erp.student.transferred.v1'
const CHANGED = 'erp.student.changed.v1'
const SNAPSHOT = 'erp.student.snapshot.v1'
const ERASED = 'erp.student.erased.v1'
const MOST_CHANGES = 64
const MOST_REPLACED = 16

const identifierOf = (data: JsonObject): string => {
  const identifier = asIdentifier(field(record(data, 'student'), 'identifier'))
  return identifier ?? fail('identifier', 'must be 1–128 characters without controls')
}

/** Several changes as one. Each is about the event's own enrolment or names another one of the same identifier. */
const readChanged = (data: JsonObject): Payload => {
  const identifier = identifierOf(data)
  readPlace(record(data, 'student'))
  const changes = list(
    data,
    'changes',
    (one): Change => {
      const inner = record(one, 'data')
      const own = field(inner, 'student') === undefined
      const whole = own ? { ...inner, student: record(data, 'student') } : inner
      must(identifierOf(whole) === identifier, 'student', 'must be the same student')
      const type = field(one, 'type')
      const change = typeof type === 'string' ? readChange(type, whole) : null
      return change ?? fail('type', 'must be a change of one enrolment')
    },
    1,
  )
  must(changes.length <= MOST_CHANGES, 'changes', 'must be at most 64')
  return { type: 'changed', changes }
}

const readSnapshot = (data: JsonObject, source: string): Payload => {
  identifierOf(data)
  const replaces = optional(readSources, data, 'replaces') ?? []
  must(!replaces.includes(source), 'replaces', 'must name other sources')
  return { type: 'snapshot', listed: readListed(data, 'enrolments'), replaces }
}

const readSources = (object: JsonObject, name: string): string[] => {
  const value = field(object, name)
  const sources = Array.isArray(value) ? value.map(asName) : []
  must(sources.length >= 1 && sources.length <= MOST_REPLACED, name, 'must name 1–16 sources')
  return sources.map((source) => source ?? fail(name, 'must hold sources'))
}

const readAny = (type: string, data: JsonObject, source: string): Payload | null => {
  if (type === CHANGED) return readChanged(data)
  if (type === SNAPSHOT) return readSnapshot(data, source)
  if (type !== ERASED) {
    identifierOf(data)
    return readChange(type, data)
  }
  identifierOf(data)
  return { type: 'erased' }
}

/** The payload, or null when the type is unknown or the data breaks a rule. */
export const readPayload = (type: string, data: JsonObject, source: string): Payload | null =>
  orNull(() => readAny(type, data, source))

const orNull = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Invalid) return null
    throw error
  }
}

export const aboutOf = (payload: Payload): About => {
  if (payload.type === 'foreign') return []
  if (payload.type === 'erased') return 'all'
  if (payload.type === 'snapshot') return payload.listed.map(({ place }) => keyOf(place))
  return (payload.type === 'changed' ? payload.changes : [payload]).flatMap((change) => [
    keyOf(change.place),
    ...(change.type === 'transferred' ? [keyOf(change.to)] : []),
  ])
}

/** The enrolments that broken data is about; all of them where one that it should name cannot be read. */
export const aboutBroken = (type: Json | undefined, data: Json | undefined): About =>
  orNull(() => {
    if (!isObject(data) || type === ERASED) return 'all' as const
    if (type === SNAPSHOT) return list(data, 'enrolments', (one) => keyOf(readPlace(one)))
    const own = readPlace(record(data, 'student'))
    if (type === TRANSFERRED) return [keyOf(own), keyOf(readTarget(data))]
    if (type !== CHANGED) return [keyOf(own)]
    return list(data, 'changes', (one) => {
      const inner = record(one, 'data')
      const whole = field(inner, 'student') === undefined ? { ...inner, student: record(data, 'student') } : inner
      const place = keyOf(readPlace(record(whole, 'student')))
      return field(one, 'type') === TRANSFERRED ? [place, keyOf(readTarget(whole))] : [place]
    }).flat()
  }) ?? 'all'
