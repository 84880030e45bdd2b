import type { Envelope, LogPosition, StudentEvent } from '../events/event.ts'
import type { About, ForeignEvent, LetterReason, Student } from '../state/student.ts'
import type { Instant } from '../values/ids.ts'
import type { Interval } from '../values/intervals.ts'

/** What reaches the fold: one record of the log, decoded, that concerns one student. */
export type IncomingRecord =
  | {
      readonly kind: 'event'
      readonly place: LogPosition
      readonly event: StudentEvent | ForeignEvent
      /** It was published to a wrong partition and moved here. */
      readonly rerouted: boolean
    }
  | Broken
  | Resolution

/** A record that is no valid event; whatever of its envelope could be read. */
export type Broken = {
  readonly kind: 'broken'
  readonly place: LogPosition
  /** The event type where it is a known one, for counting; else `unknown`. */
  readonly type: string
  /** A code of the closed list. */
  readonly detail: string
  /** What is bad about it, free of personal data; may be empty. */
  readonly where: string
  /** When it happened; its record's timestamp where that cannot be read, or is earlier. */
  readonly at: Instant
  readonly about: About
  readonly source: string | null
  readonly identity: string | null
  readonly content: string | null
  readonly sequence: bigint | null | 'unreadable'
}

/** An operator's decision about dead letters, missing numbers or waiting events of this student. */
export type Resolution = {
  readonly kind: 'resolution'
  readonly place: LogPosition
  readonly envelope: Envelope
  readonly timestampMs: number
  readonly action: 'replay' | 'discard' | 'settle'
  readonly force: boolean
  /** The letters decided upon, with the record to be judged afresh where they are replayed. */
  readonly letters: readonly {
    readonly place: LogPosition
    readonly replayed: StudentEvent | ForeignEvent | Broken | null
  }[]
  /** Events that wait and are dropped. */
  readonly dropped: readonly LogPosition[]
  /** The letters that are not known one by one are settled, all of them. */
  readonly flooded: boolean
  /** Skipped numbers: by `settle`, or in addition to the letters by a forced discard. */
  readonly skipped: readonly { readonly source: string; readonly numbers: Interval }[]
}

/** What became of an event. One that is held and applies later is noted twice. */
export const OUTCOMES = ['applied', 'duplicate', 'held', 'orphan', 'conflict', 'poison', 'ignored'] as const
export type Outcome = (typeof OUTCOMES)[number]

export type RecordOutcome = { readonly place: LogPosition; readonly type: string; readonly outcome: Outcome }

/** A record to be written to the dead-letter topic; it may lie far behind, where it waited first. */
export type DeadLetter = {
  readonly place: LogPosition
  readonly reason: LetterReason
  /** A code of the closed list, and what it is about, free of personal data. */
  readonly detail: string
  readonly where: string
}

export type Folded = {
  readonly student: Student
  readonly outcomes: readonly RecordOutcome[]
  readonly deadLetters: readonly DeadLetter[]
}
