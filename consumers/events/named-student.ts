import { isUtf8 } from 'node:buffer'
import { parseStudentId } from '../../projections/events/fields.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** The student of an event, whatever else is wrong with it: its identifier if that can be read, else the record's key. */
export const namedStudent = (data: unknown, key: Uint8Array | null): StudentId | null =>
  identifierIn(data) ?? identifierOfKey(key)

/** The identifier in an event's data, if it can be read. */
export const identifierIn = (data: unknown): StudentId | null => {
  const identifier = ownMember(ownMember(data, 'student'), 'identifier')
  return identifier === undefined ? null : parseStudentId(identifier)
}

/** The key as an identifier; `null` where it is no text that an identifier can be. */
export const identifierOfKey = (key: Uint8Array | null): StudentId | null =>
  key !== null && isUtf8(key)
    ? parseStudentId(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8'))
    : null

const ownMember = (value: unknown, name: string): unknown =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
