import type { Attribute } from './envelope.ts'

const TEXT = 'must be text of 1 to 256 characters'

/** What each attribute of an envelope must be; the words hold no values. */
const ATTRIBUTE_RULES = {
  specversion: 'must be "1.0"',
  id: TEXT,
  source: TEXT,
  type: TEXT,
  time: 'must be an RFC 3339 moment with an offset',
  sequence: 'must be digits, or an integer, from 1 to 2^63 - 1',
} as const

export type RuledAttribute = keyof typeof ATTRIBUTE_RULES

/** The rule that an attribute breaks. */
export const brokenRule = (attributes: Readonly<Record<Attribute, unknown>>, name: RuledAttribute): string =>
  attributes[name] === undefined ? 'is required' : ATTRIBUTE_RULES[name]
