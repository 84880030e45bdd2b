import type { DataProblem } from './read-data.ts'

/** The words for what is wrong with an event's data, without its values. */

export const REQUIRED = 'is required'

export const dataWords = ({ path, message }: DataProblem, data: unknown): string =>
  valueAt(data, path) === undefined
    ? REQUIRED
    : message.replace(/^Invalid (?:input|option): expected /, 'must be ').replace(/, received .*$/, '')

/** A JSON pointer into the event in its structured form. */
export const dataPointer = (path: readonly PropertyKey[]): string =>
  `/data${path.map((part) => `/${escaped(String(part))}`).join('')}`

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** The value at a path; `undefined` without one. */
const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown => {
  let value = data
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}
