import type { Instant } from './clock.ts'
import type { Enrolments } from './facts.ts'
import type { DetailFamily, Event, LogRecord, Outcome, Reason } from './types.ts'

export const MOST_WAITING = 256
export const MOST_REMEMBERED = 256

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
  readonly letGo: Set<bigint>
  /** Numbers of events that were ignored before their turn: skipped when it comes. */
  readonly passed: Set<bigint>
  /** How many numbers may be let go as soon as the source's next number finds them missing. */
  owed: number
  /** After a snapshot without a number, where none was seen: that snapshot's time. Whatever comes next is the first. */
  anyFirst: Instant | null
  /** Numbers below such a first are judged by that snapshot's time. */
  floor: { readonly below: bigint; readonly time: Instant } | null
}

export type Student = {
  readonly identifier: string
  enrolments: Enrolments
  readonly sources: Map<string, Source>
  /** Accepted events, oldest first. */
  remembered: {
    readonly source: string
    readonly id: string
    readonly content: string
    readonly number: bigint | null
  }[]
  waiting: Waiting[]
  readonly letters: Letter[]
  erased: boolean
  count: number
}

export const newStudent = (identifier: string): Student => ({
  identifier,
  enrolments: new Map(),
  sources: new Map(),
  remembered: [],
  waiting: [],
  letters: [],
  erased: false,
  count: 0,
})

export const sourceOf = (student: Student, name: string): Source => {
  const known = student.sources.get(name)
  if (known !== undefined) return known
  const fresh: Source = {
    applied: 0n,
    highest: 0n,
    lastTime: null,
    newestTimestamp: null,
    letGo: new Set(),
    passed: new Set(),
    owed: 0,
    anyFirst: null,
    floor: null,
  }
  student.sources.set(name, fresh)
  return fresh
}

export const openLetters = (student: Student): Letter[] => student.letters.filter((letter) => !letter.settled)

export const isHeld = (student: Student, name: string, number: bigint): boolean =>
  student.waiting.some(({ item: { event } }) => event.source === name && event.sequence === number)

const isOccupied = (student: Student, name: string, number: bigint): boolean => {
  const source = sourceOf(student, name)
  return (
    source.letGo.has(number) ||
    (student.erased && source.passed.has(number)) ||
    isHeld(student, name, number) ||
    openLetters(student).some((letter) => letter.source === name && letter.sequence === number)
  )
}

/** The first few numbers above the applied one that are missing, up to the highest seen. */
export const missingNumbers = (
  student: Student,
  name: string,
  most: number,
  except: bigint | null = null,
): bigint[] => {
  const source = sourceOf(student, name)
  const missing: bigint[] = []
  for (let number = source.applied + 1n; number <= source.highest && missing.length < most; number++) {
    if (number !== except && !isOccupied(student, name, number)) missing.push(number)
  }
  return missing
}

/** Why the projection must not answer for a student; empty when it is healthy. */
export const doubts = (student: Student): string[] => [
  ...[...student.sources].filter(([, source]) => source.highest > source.applied).map(([name]) => `hole: ${name}`),
  ...student.waiting.map(({ item, as }) => `${as}: ${item.record.partition}:${item.record.offset}`),
  ...openLetters(student).map(({ reason, record }) => `${reason}: ${record.partition}:${record.offset}`),
]
