import { packMoment, unpackMoment } from '../values/moment.ts'
import { decodeAbout, encodeAbout, type StoredAbout } from './stored-about.ts'
import type { Words } from './stored-money.ts'
import type { AppliedEvent, NewestEvents } from './student.ts'

/** The stored form of the youngest events about an enrolment. */
export type StoredNewest = readonly [
  about: StoredAbout,
  /** Source, packed moment and offset in turn. */
  events: readonly (number | string)[],
]

export const encodeNewest = ({ about, events }: NewestEvents, words: Words): StoredNewest => [
  encodeAbout(about === 'all' ? about : [about]),
  events.flatMap(({ source, at, offset }) => [words.indexOf(source), packMoment(at), offset]),
]

export const decodeNewest = ([stored, flat]: StoredNewest, words: readonly string[]): NewestEvents => {
  const about = decodeAbout(stored)
  const events: AppliedEvent[] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [source, moment, offset] = flat.slice(at, at + 3) as [number, string, number]
    events.push({ source: words[source]!, at: unpackMoment(moment), offset })
  }
  return { about: about === 'all' ? about : about[0]!, events }
}
