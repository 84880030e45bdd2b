import { decodeNumber, encodeNumber, type StoredNumber } from './stored-number.ts'
import type { Letter } from './student.ts'

/** The stored form of a dead letter. */
export type StoredLetter = [
  partition: number,
  offset: number,
  reason: string,
  source: string | null,
  identity: string | null,
  content: string | null,
  sequence: StoredNumber | 'unreadable' | null,
  settled: 0 | 1,
]

export const encodeLetter = (letter: Letter): StoredLetter => [
  letter.place.partition,
  letter.place.offset,
  letter.reason,
  letter.source,
  letter.identity,
  letter.content,
  letter.sequence === 'unreadable' ? letter.sequence : encodeNumber(letter.sequence),
  letter.settled ? 1 : 0,
]

export const decodeLetter = ([
  partition,
  offset,
  reason,
  source,
  identity,
  content,
  sequence,
  settled,
]: StoredLetter): Letter => ({
  place: { partition, offset },
  reason: reason as Letter['reason'],
  source,
  identity,
  content,
  sequence: sequence === 'unreadable' ? sequence : decodeNumber(sequence),
  settled: settled === 1,
})
