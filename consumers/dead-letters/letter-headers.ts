import { headerText } from '../events/envelope.ts'
import type { Header, LogRecord } from '../ports/log.ts'

/** The headers that a dead letter adds to its record's own, in the written order. */
export const LETTER_HEADERS = [
  'pullgate-reason',
  'pullgate-detail',
  'pullgate-topic',
  'pullgate-partition',
  'pullgate-offset',
  'pullgate-timestamp',
] as const

type LetterHeader = (typeof LETTER_HEADERS)[number]

export const addLetterHeaders = (
  own: readonly Header[],
  values: Readonly<Record<LetterHeader, string>>,
): readonly Header[] => [...own, ...LETTER_HEADERS.map((name): Header => [name, Buffer.from(values[name])])]

/** The value of an added header. A record's own headers may have the same names; the added headers come last. */
export const letterHeader = (letter: Pick<LogRecord, 'headers'>, name: LetterHeader): string =>
  headerText(letter.headers.slice(-LETTER_HEADERS.length), name) ?? ''

/** The headers of the original record. */
export const ownHeaders = (letter: Pick<LogRecord, 'headers'>): readonly Header[] =>
  letter.headers.slice(0, -LETTER_HEADERS.length)
