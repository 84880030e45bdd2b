import { earlier, type Instant, instantOf } from './clock.ts'
import type { Enrolments } from './facts.ts'
import type { Intervals } from './intervals.ts'
import type { About, DetailFamily, Event, LogRecord, Outcome, Reason } from './types.ts'

export const MOST_WAITING = 256
export const MOST_REMEMBERED = 256
export const MOST_LETTERS = 256
export const MOST_SOURCES = 64

/** An event on its way: `arrival` is its rank in the partition, `tell` writes its outcome down. */
export type Item = {
  readonly event: Event
  readonly record: LogRecord
  readonly rerouted: boolean
  readonly arrival: number
  readonly tell: (outcome: Outcome) => void
}

export type Waiting = { readonly item: Item; readonly as: 'held' | 'orphan' }

export type Letter = {
  readonly record: LogRecord
  readonly reason: Reason
  readonly family: DetailFamily
  readonly student: string | null
  readonly source: string | null
  readonly id: string | null
  readonly sequence: bigint | null | 'unreadable'
  readonly content: string | null
  readonly time: Instant | null
  readonly about: About
  readonly tell: (outcome: Outcome) => void
  settled: boolean
}

/** What is known of one publisher's numbers for one student. */
export type Source = {
  /** The highest number such that it and all below it have had their turn, or were let go or settled. */
  applied: bigint
  /** The highest number seen, dead letters included; 0 while the source has used none. */
  highest: bigint
  /** `time` of the event that last had its turn. */
  lastTime: Instant | null
  /** The youngest record timestamp of any applied event. */
  newestTimestamp: number | null
  /** The latest time of an event whose id was forgotten. */
  forgotten: Instant | null
  letGo: Intervals
  /** Numbers of events that were ignored before their turn: skipped when it comes. */
  passed: Intervals
  /** How many numbers may be let go as soon as the source's next number finds them missing. */
  owed: number
  /** After a snapshot without a number, where none was seen: that snapshot's time. Whatever comes next is the first. */
  anyFirst: Instant | null
  /** Numbers below such a first are judged by that snapshot's time. */
  floor: { readonly below: bigint; readonly time: Instant } | null
}

/** What a later snapshot must not undo. The source is null where it is unknown, the time where it cannot be read. */
export type Heard = Pick<Letter, 'record' | 'source' | 'about' | 'time'>

export type Remembered = {
  readonly source: string
  readonly id: string
  readonly content: string
  readonly number: bigint | null
  readonly time: Instant
}

export type Student = {
  readonly identifier: string
  enrolments: Enrolments
  readonly sources: Map<string, Source>
  /** Accepted events, oldest first. */
  remembered: readonly Remembered[]
  waiting: readonly Waiting[]
  /** Known one by one, settled ones too. */
  readonly letters: Letter[]
  /** Beyond what is known one by one. No rule looks at them: they are kept to be told of. */
  readonly uncounted: Letter[]
  /** Sources of which letters are no longer known one by one; null stands for unknown sources. */
  readonly flooded: Set<string | null>
  /** Sources that a snapshot has replaced. */
  readonly replaced: Set<string>
  /** Events that were applied, or wait. */
  heard: readonly Heard[]
  erased: boolean
  /** The time of the event that enrolled the student anew after an erasure. */
  enrolledAnew: Instant | null
  count: number
}

export const newStudent = (identifier: string): Student => ({
  identifier,
  enrolments: new Map(),
  sources: new Map(),
  remembered: [],
  waiting: [],
  letters: [],
  uncounted: [],
  flooded: new Set(),
  replaced: new Set(),
  heard: [],
  erased: false,
  enrolledAnew: null,
  count: 0,
})

const newSource = (): Source => ({
  applied: 0n,
  highest: 0n,
  lastTime: null,
  newestTimestamp: null,
  forgotten: null,
  letGo: [],
  passed: [],
  owed: 0,
  anyFirst: null,
  floor: null,
})

/** As it is, or as one that was never seen. Changes to the latter are lost. */
export const peekSource = (student: Student, name: string): Source => student.sources.get(name) ?? newSource()

/** There is room for it among the student's sources. */
export const hasRoomFor = (student: Student, name: string): boolean =>
  student.sources.has(name) || student.sources.size < MOST_SOURCES

/** One of the student's sources from now on. */
export const sourceOf = (student: Student, name: string): Source => {
  const source = peekSource(student, name)
  student.sources.set(name, source)
  return source
}

/** When it happened; no later than its record was published. */
export const cappedTime = (time: Instant | null, { timestampMs }: LogRecord): Instant => {
  const published = instantOf(timestampMs)
  return time === null ? published : earlier(time, published)
}

export const forgetHeard = (student: Student, gone: readonly Item[]): void => {
  student.heard = student.heard.filter(({ record }) => !gone.some((item) => item.record === record))
}

export const openLetters = (student: Student): Letter[] => student.letters.filter((letter) => !letter.settled)

export const isHeld = (student: Student, name: string, number: bigint): boolean =>
  student.waiting.some(({ item: { event } }) => event.source === name && event.sequence === number)

/** Why the projection must not answer for a student; empty when it is healthy. */
export const doubts = (student: Student): string[] => [
  ...[...student.sources].filter(([, source]) => source.highest > source.applied).map(([name]) => `hole: ${name}`),
  ...student.waiting.map(({ item, as }) => `${as}: ${item.record.partition}:${item.record.offset}`),
  ...openLetters(student).map(({ reason, record }) => `${reason}: ${record.partition}:${record.offset}`),
  ...[...student.flooded].map((name) => `flooded: ${name ?? 'unknown source'}`),
]
