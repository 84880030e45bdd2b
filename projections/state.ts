import type { Envelope, Place } from './event.ts'
import type { ForeignEvent, Letter, SourceState, Student, Waiting } from './student.ts'

/**
 * The stored form of a folded student: one line of JSON, then the seen events as they are. The layout belongs to the fold's version: whoever changes
 * either raises `FOLD_VERSION`, and a projection of another version is rebuilt from the log, never read.
 */
export const FOLD_VERSION = 1

type StoredSource = [
  name: string,
  applied: string,
  highest: string,
  opened: [since: string, first: string | null] | null,
  lastTime: string | null,
  lastTimestampMs: number,
  letGo: string[],
  credit: number,
  silenced: string[],
]
type StoredLetter = [
  partition: number,
  offset: number,
  reason: string,
  source: string | null,
  identity: string | null,
  content: string | null,
  sequence: string | null,
  settled: 0 | 1,
]
type StoredState = {
  readonly e: Student['enrolments']
  readonly s: readonly StoredSource[]
  readonly w: readonly {
    k: Waiting['kind']
    e: Omit<ForeignEvent, 'envelope'>
    v: Omit<Envelope, 'sequence'>
    n: string | null
  }[]
  readonly l: readonly StoredLetter[]
  readonly n: number
  readonly x: 0 | 1
  readonly p: readonly [partition: number, offset: number] | null
  readonly o: number
}

export const encodeState = (student: Student): string => {
  const stored: StoredState = {
    e: student.enrolments,
    s: [...student.sources].map(encodeSource),
    w: student.waiting.map(encodeWaiting),
    l: student.letters.map(encodeLetter),
    n: student.seen.count,
    x: student.erased ? 1 : 0,
    p: student.last && [student.last.partition, student.last.offset],
    o: student.leavings,
  }
  return `${JSON.stringify(stored)}\n${student.seen.text}`
}

export const decodeState = (text: string): Student => {
  const end = text.indexOf('\n')
  const stored = JSON.parse(text.slice(0, end)) as StoredState
  return {
    enrolments: stored.e,
    sources: new Map(stored.s.map(decodeSource)),
    waiting: stored.w.map(({ k, e, v, n }) => ({
      kind: k,
      event: { ...e, envelope: { ...v, sequence: decodeNumber(n) } },
    })),
    letters: stored.l.map(decodeLetter),
    seen: { count: stored.n, text: text.slice(end + 1) },
    erased: stored.x === 1,
    last: stored.p && placeOf(stored.p),
    leavings: stored.o,
  }
}

const placeOf = ([partition, offset]: readonly [number, number]): Place => ({ partition, offset })

/** Beyond 2^53 a sequence is no JSON number: it is stored as text. */
const encodeNumber = (number: bigint | null): string | null => (number === null ? null : String(number))
const decodeNumber = (number: string | null): bigint | null => (number === null ? null : BigInt(number))

const encodeSource = ([name, state]: [string, SourceState]): StoredSource => [
  name,
  String(state.applied),
  String(state.highest),
  state.opened && [state.opened.since, encodeNumber(state.opened.first)],
  state.lastTime,
  state.lastTimestampMs,
  state.letGo.map(String),
  state.credit,
  state.silenced.map(String),
]

const decodeSource = (stored: StoredSource): [string, SourceState] => {
  const [name, applied, highest, opened, lastTime, lastTimestampMs, letGo, credit, silenced] = stored
  const state = {
    applied: BigInt(applied),
    highest: BigInt(highest),
    opened: opened && { since: opened[0], first: decodeNumber(opened[1]) },
    lastTime,
    lastTimestampMs,
    letGo: letGo.map(BigInt),
    credit,
    silenced: silenced.map(BigInt),
  } as SourceState
  return [name, state]
}

const encodeWaiting = ({ kind, event: { envelope, ...event } }: Waiting): StoredState['w'][number] => {
  const { sequence, ...rest } = envelope
  return { k: kind, e: event as Omit<ForeignEvent, 'envelope'>, v: rest, n: encodeNumber(sequence) }
}

const encodeLetter = (letter: Letter): StoredLetter => [
  letter.place.partition,
  letter.place.offset,
  letter.reason,
  letter.source,
  letter.identity,
  letter.content,
  letter.sequence === null ? null : String(letter.sequence),
  letter.settled ? 1 : 0,
]

const decodeLetter = ([
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
