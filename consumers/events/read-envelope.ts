import { hash } from 'node:crypto'
import type { Envelope } from '../../projections/events/event.ts'
import { isAttribute } from '../../projections/events/fields.ts'
import { parseMoment } from '../../projections/values/calendar.ts'
import type { RuledAttribute } from './attribute-rules.ts'
import { canonicalBytes } from './canonical.ts'
import type { RawEvent } from './envelope.ts'

/** The envelope, or the name of the attribute that is missing or invalid. */
export const readEnvelope = (
  attributes: RawEvent['attributes'],
  data: unknown,
  ignoresSequence: boolean,
): Envelope | RuledAttribute => {
  const { source, id, type } = attributes
  if (attributes.specversion !== '1.0') return 'specversion'
  if (!isAttribute(id)) return 'id'
  if (!isAttribute(source)) return 'source'
  if (!isAttribute(type)) return 'type'
  const time = parseMoment(attributes.time)
  if (time === null) return 'time'
  const sequence = ignoresSequence ? null : parseSequence(attributes.sequence)
  if (sequence === 'unreadable') return 'sequence'
  return { source, identity: identityOf(source, id), content: contentOf(attributes, data), time, sequence }
}

/** 48 bits of a hash: among the last 256 events of a student two ids meet by chance once in 10^12 events. */
export const identityOf = (source: string, id: string): string =>
  hash('sha1', `${source.length}:${source}${id}`, 'base64url').slice(0, 8)

export const contentOf = (attributes: RawEvent['attributes'], data: unknown): string => {
  const sequence = parseSequence(attributes.sequence)
  const number = typeof sequence === 'bigint' ? String(sequence) : (attributes.sequence ?? null)
  const bytes = canonicalBytes([attributes.type ?? null, attributes.time ?? null, number, data ?? null])
  // Only compared where the identities are equal: 36 bits tell another content from the same.
  return hash('sha1', bytes, 'base64url').slice(0, 6)
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
