import type { Instant } from './ids.ts'

/** Moments as the fold compares and stores them. */

const GREATEST_MS = Date.parse('9999-12-31T23:59:59.999Z')
const LEAST_MS = Date.parse('0000-01-01T00:00:00.000Z')

/** The moment of a record's timestamp; one that four digits of a year cannot write is the nearest that they can. */
export const momentAt = (ms: number): Instant => {
  const text = new Date(Math.min(Math.max(Math.trunc(ms), LEAST_MS), GREATEST_MS)).toISOString()
  return (
    text[20] === '0' && text.endsWith('.000Z') ? text.slice(0, 19) : text.slice(0, 23).replace(/0+$/, '')
  ) as Instant
}

/** The moment itself, or a record's timestamp (Unix milliseconds) where that is earlier. */
export const atMost = (moment: Instant, ms: number): Instant =>
  Date.parse(`${moment.slice(0, 23)}Z`) < ms ? moment : earlier(moment, momentAt(ms))

export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b)
export const later = (a: Instant, b: Instant | null): Instant => (b === null || a > b ? a : b)

/** A third of its length, for what is stored many times: its seconds in base 36, and its fraction as it is. */
export const packMoment = (moment: Instant): string =>
  (Date.parse(`${moment.slice(0, 19)}Z`) / 1000).toString(36) + moment.slice(19)

export const unpackMoment = (packed: string): Instant => {
  const point = packed.indexOf('.')
  const seconds = Number.parseInt(point < 0 ? packed : packed.slice(0, point), 36)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${point < 0 ? '' : packed.slice(point)}` as Instant
}
