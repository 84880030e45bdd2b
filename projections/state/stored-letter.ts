import { packMoment, unpackMoment } from '../values/moment.ts'
import { decodeAbout, encodeAbout, type StoredAbout } from './stored-about.ts'
import { decodeNumber, encodeNumber, type StoredNumber } from './stored-number.ts'
import type { Letter } from './student.ts'

/** The stored form of a dead letter. */
export type StoredLetter = readonly [
  partition: number,
  offset: number,
  reason: string,
  detail: string,
  at: string,
  about: StoredAbout,
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
  letter.detail,
  packMoment(letter.at),
  encodeAbout(letter.about),
  letter.source,
  letter.identity,
  letter.content,
  letter.sequence === 'unreadable' ? letter.sequence : encodeNumber(letter.sequence),
  letter.settled ? 1 : 0,
]

export const decodeLetter = (stored: StoredLetter): Letter => {
  const [partition, offset, reason, detail, at, about, source, identity, content, sequence, settled] = stored
  return {
    place: { partition, offset },
    reason: reason as Letter['reason'],
    detail,
    at: unpackMoment(at),
    about: decodeAbout(about),
    source,
    identity,
    content,
    sequence: sequence === 'unreadable' ? sequence : decodeNumber(sequence),
    settled: settled === 1,
  }
}
