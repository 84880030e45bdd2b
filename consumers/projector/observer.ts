import type { AnswerChange } from '../../projections/answers/summary.ts'
import type { LogPosition } from '../../projections/events/event.ts'
import type { Outcome } from '../../projections/sequence/incoming-record.ts'
import type { LetterReason } from '../../projections/state/student.ts'
import type { EventOrigin } from '../events/origin.ts'

/** A dead letter as it is written; its origin as far as the event tells it. */
export type ReportedLetter = EventOrigin & {
  readonly reason: LetterReason
  readonly detail: string
  readonly place: LogPosition
}

/** Events of the projector for metrics and logs. They hold no personal data. */
export type ProjectorObserver = {
  readonly events: (type: string, outcome: Outcome | 'misrouted', count: number) => void
  /** Record time → visible in the store. */
  readonly visible: (seconds: number) => void
  readonly deadLetter: (letter: ReportedLetter) => void
  /** An event has changed a recent answer. */
  readonly answerSuperseded: (change: AnswerChange) => void
  readonly misrouted: (source: string | null) => void
  /** The store had lost acknowledged writes: the partition returns to `to`. */
  readonly rewound: (partition: number, to: number) => void
  /** Another process has written: this projector's write was refused. */
  readonly fenced: (partition: number) => void
  readonly lag: (partition: number, records: number) => void
  /** Milliseconds since the partition was last proven to have everything. */
  readonly fresh: (partition: number, ageMs: number) => void
  readonly suspects: (partition: number, count: number) => void
  readonly logBroken: (partition: number, why: string | null) => void
  readonly failed: (what: string, error: unknown) => void
  readonly revoked: (partition: number) => void
}
