import { type EnrolmentKey, sameKey } from '../events/enrolment-key.ts'
import type { Envelope, LogPosition, Profile, StudentEvent } from '../events/event.ts'
import type { Charge, Discount, FeeComponent, Instalment, Payment } from '../events/shapes.ts'
import type { Instant, IsoDate } from '../values/ids.ts'
import { NO_NUMBER_YET, type Numbers } from './numbers.ts'
import { NOTHING_SEEN, type Seen } from './seen.ts'
import type { Unsettled } from './unsettled.ts'

/** The folded state of one student: everything that its answers, and every later decision about it, depend on. */
export type Student = {
  readonly enrolments: readonly Enrolment[]
  readonly sources: ReadonlyMap<string, SourceState>
  /** The id of the next source. */
  readonly nextSourceId: number
  /** When the youngest event happened of the sources that had to be forgotten. */
  readonly sourcesForgottenAt: Instant | null
  /** Sources whose events count no more: a snapshot of another source has replaced them. */
  readonly replaced: readonly string[]
  /** In order of arrival, at most `MAX_WAITING`. */
  readonly waiting: readonly Waiting[]
  readonly letters: readonly Letter[]
  /** Open dead letters beyond those that are known one by one, by source. */
  readonly floods: readonly Flood[]
  readonly seen: Seen
  /** The youngest events, by what they were about: a snapshot that was read before one of them would undo it. */
  readonly newest: readonly NewestEvents[]
  /** Erased, and not enrolled again since. */
  readonly erased: boolean
  /** Time of the event that enrolled the student again after an erasure. */
  readonly renewedAt: Instant | null
  /** The last event that is in the answers. */
  readonly last: LogPosition | null
  /** How many enrolments have been left so far: gives the leavings of one day their order. */
  readonly leavings: number
  /** How many events have changed enrolments so far. */
  readonly changes: number
}

export const MAX_WAITING = 256

export const UNKNOWN_STUDENT: Student = {
  enrolments: [],
  sources: new Map(),
  nextSourceId: 1,
  sourcesForgottenAt: null,
  replaced: [],
  waiting: [],
  letters: [],
  floods: [],
  seen: NOTHING_SEEN,
  newest: [],
  erased: false,
  renewedAt: null,
  last: null,
  leavings: 0,
  changes: 0,
}

export type Enrolment = {
  readonly key: EnrolmentKey
  readonly yearEnd: string
  /** The source that answers for it. */
  readonly owner: string
  readonly profile: Profile
  readonly standing: EnrolmentStanding
  /** Gross components in the ERP's order; `null`: never assessed. */
  readonly fees: readonly FeeComponent[] | null
  readonly discounts: readonly Discount[]
  /** In the order they were first recorded. */
  readonly charges: readonly Charge[]
  /** In the order they were first recorded. */
  readonly payments: readonly Payment[]
  readonly schedule: readonly Instalment[] | null
  /** Why its money is in doubt; empty: it is settled. */
  readonly unsettled: readonly Unsettled[]
  /** A transfer made it, and no `enrolled` and no list has named it since. */
  readonly isCopy: boolean
  /** The enrolments from which a transfer led to it in one step. */
  readonly cameFrom: readonly EnrolmentKey[]
  /**
   * The day of the event that changed it last, where a charge or an announced leaving has a day of its own; else `null`.
   * Its stored answer is the one of that day.
   */
  readonly changedOn: IsoDate | null
  /** The student's count of changes when it changed last. */
  readonly changeNumber: number
}

/** What `erp.student.enrolled.v1` and a transfer into another year begin with. */
export const NO_MONEY = { fees: null, discounts: [], charges: [], payments: [], schedule: null } as const

/** Fees, discounts, charges, payments and schedule: whether any of them is there. */
export const hasMoney = ({ fees, discounts, charges, payments, schedule }: Enrolment): boolean =>
  fees !== null || schedule !== null || discounts.length + charges.length + payments.length > 0

/** What an enrolment is now, and a dated leaving that is announced and replaces it from its day on. */
export type EnrolmentStanding = { readonly now: EnrolmentStatus; readonly leaving: Left | null }
export type EnrolmentStatus = { readonly kind: 'active' } | Left
export type Left = {
  readonly kind: 'discontinued' | 'transferred'
  /** The effective day: the given one, else the day of the event. */
  readonly on: IsoDate
  /** It came with a day of its own, and came or comes into force as that day begins; else when its event happened. */
  readonly isDated: boolean
  /** Time of the event. */
  readonly at: Instant
  /** Gives leavings of one moment their order. */
  readonly order: number
  readonly message: string | null
  /** Where a transfer went. */
  readonly to: EnrolmentKey | null
}

export const ACTIVE: EnrolmentStanding = { now: { kind: 'active' }, leaving: null }

/** The enrolments that an event is about; `all` where it is about every one, or one of them cannot be read. */
export type About = readonly EnrolmentKey[] | 'all'

/** An event that was applied: whose it was, when it happened, and its offset in the student's partition. */
export type AppliedEvent = { readonly source: string; readonly at: Instant; readonly offset: number }

/** The youngest applied events about an enrolment: one of each of the two sources that spoke of it last. */
export type NewestEvents = { readonly about: EnrolmentKey | 'all'; readonly events: readonly AppliedEvent[] }

/** What is known of one publisher of a student's events. */
export type SourceState = {
  /** Stands for its name among the seen events. No other source of the student ever has it. */
  readonly id: number
  readonly numbers: Numbers
  /** `time` of its last event that had its turn. */
  readonly lastTime: Instant | null
  /** The greatest record timestamp of its applied events, Unix milliseconds. */
  readonly lastTimestampMs: number
  /** Its youngest applied event about the student. */
  readonly newest: Omit<AppliedEvent, 'source'> | null
  /** When the youngest of its events happened whose id is remembered no more. */
  readonly forgottenAt: Instant | null
}

const NEW_SOURCE: SourceState = {
  id: 0,
  numbers: NO_NUMBER_YET,
  lastTime: null,
  lastTimestampMs: Number.MIN_SAFE_INTEGER,
  newest: null,
  forgottenAt: null,
}

/** `held` waits for the numbers before it; `orphan` has had its turn and waits for its enrolment. */
export type Waiting = { readonly kind: 'held' | 'orphan'; readonly event: Arrived }

export type Arrived = StudentEvent | ForeignEvent

/** An event of a type that is not ours: it has no effect, but its number has its turn. */
export type ForeignEvent = {
  readonly envelope: Envelope
  readonly fact: null
  readonly place: LogPosition
  readonly timestampMs: number
}

export const LETTER_REASONS = ['poison', 'conflict', 'overflow'] as const
export type LetterReason = (typeof LETTER_REASONS)[number]

/** A dead letter of this student. Settled ones are kept for a while, so that their repetition is known. */
export type Letter = {
  readonly place: LogPosition
  readonly reason: LetterReason
  /** The code of its detail. */
  readonly detail: string
  /** When it happened; its record's timestamp where that cannot be read, or is earlier. */
  readonly at: Instant
  readonly about: About
  readonly source: string | null
  readonly identity: string | null
  readonly content: string | null
  /** `unreadable`: it may have had a number, which is unknown. */
  readonly sequence: bigint | null | 'unreadable'
  readonly settled: boolean
}

/** Open dead letters of one source that are not known one by one. */
export type Flood = {
  /** `null`: their source is unknown; `""`: they have various sources. */
  readonly source: string | null
  readonly count: number
  /** Number of letters with an unreadable number. */
  readonly unread: number
  /** The lowest offset of one of them. */
  readonly since: number
  /** The youngest of them. */
  readonly newest: Omit<AppliedEvent, 'source'>
}

export const findEnrolment = (enrolments: readonly Enrolment[], key: EnrolmentKey): Enrolment | undefined =>
  enrolments.find((enrolment) => sameKey(enrolment.key, key))

/** The status on a day: an announced leaving counts from its own day on. */
export const statusOn = (standing: EnrolmentStanding, day: IsoDate): EnrolmentStatus =>
  standing.leaving && standing.leaving.on <= day ? standing.leaving : standing.now

export const sourceOf = (student: Student, source: string): SourceState => student.sources.get(source) ?? NEW_SOURCE
