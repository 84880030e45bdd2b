import type { Envelope, LogPosition } from '../events/event.ts'
import { decodeEnrolment, encodeEnrolment, type StoredEnrolment } from './stored-enrolment.ts'
import { collectWords } from './stored-money.ts'
import { type ForeignEvent, type Letter, NEW_SOURCE, type SourceState, type Student, type Waiting } from './student.ts'

/**
 * The stored form of a folded student: one line of JSON, then the seen events as they are. The layout belongs to the
 * fold's version: whoever changes either raises `FOLD_VERSION`, and a projection of another version is rebuilt from the
 * log, never read.
 */
export const FOLD_VERSION = 3

/** A number of a sequence: a JSON integer where that is exact, else its digits. */
type StoredNumber = number | string

type StoredSource = readonly [
  name: string,
  applied: StoredNumber,
  lastTime: string | null,
  lastTimestampMs: number,
  /** What most sources never have; left out where it is nothing. */
  rare?: readonly [
    highest: StoredNumber,
    opened: readonly [since: string, first: StoredNumber | null] | null,
    letGo: readonly StoredNumber[],
    credit: number,
    silenced: readonly StoredNumber[],
  ],
]
type StoredLetter = [
  partition: number,
  offset: number,
  reason: string,
  source: string | null,
  identity: string | null,
  content: string | null,
  sequence: StoredNumber | 'unreadable' | null,
  settled: 0 | 1,
]
type StoredState = {
  readonly c: readonly string[]
  readonly e: readonly StoredEnrolment[]
  readonly s: readonly StoredSource[]
  readonly w: readonly {
    k: Waiting['kind']
    e: Omit<ForeignEvent, 'envelope'>
    v: Omit<Envelope, 'sequence'>
    n: StoredNumber | null
  }[]
  readonly l: readonly StoredLetter[]
  readonly n: number
  readonly x: 0 | 1
  readonly p: readonly [partition: number, offset: number] | null
  readonly o: number
}

export const encodeState = (student: Student): string => {
  const words = collectWords()
  const enrolments = student.enrolments.map((enrolment) => encodeEnrolment(enrolment, words))
  const stored: StoredState = {
    c: words.list,
    e: enrolments,
    s: Array.from(student.sources, encodeSource),
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
    enrolments: stored.e.map((enrolment) => decodeEnrolment(enrolment, stored.c)),
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

const placeOf = ([partition, offset]: readonly [number, number]): LogPosition => ({ partition, offset })

const GREATEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER)
const encodeExact = (number: bigint): StoredNumber => (number <= GREATEST_EXACT ? Number(number) : String(number))
const encodeNumber = (number: bigint | null): StoredNumber | null => (number === null ? null : encodeExact(number))
const decodeNumber = (number: StoredNumber | null): bigint | null => (number === null ? null : BigInt(number))

const encodeSource = ([name, state]: [string, SourceState]): StoredSource => {
  const { applied, highest, opened, lastTime, lastTimestampMs, letGo, credit, silenced } = state
  const plain = [name, encodeExact(applied), lastTime, lastTimestampMs] as const
  const isPlain = highest === applied && opened === null && letGo.length === 0 && credit === 0 && silenced.length === 0
  if (isPlain) return plain
  const since = opened && ([opened.since, encodeNumber(opened.first)] as const)
  return [...plain, [encodeExact(highest), since, letGo.map(encodeExact), credit, silenced.map(encodeExact)]]
}

const decodeSource = ([name, applied, lastTime, lastTimestampMs, rare]: StoredSource): [string, SourceState] => {
  const plain = {
    ...NEW_SOURCE,
    applied: BigInt(applied),
    highest: BigInt(applied),
    lastTime,
    lastTimestampMs,
  } as SourceState
  if (!rare) return [name, plain]
  const [highest, opened, letGo, credit, silenced] = rare
  const state = {
    ...plain,
    highest: BigInt(highest),
    opened: opened && { since: opened[0], first: decodeNumber(opened[1]) },
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
  letter.sequence === 'unreadable' ? letter.sequence : encodeNumber(letter.sequence),
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
