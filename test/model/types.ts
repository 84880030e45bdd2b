import type { Instant } from './clock.ts'

/** One Kafka record as it lies in the log, after rerouting. `decision` stands for an operator's event, in the abstract. */
export type LogRecord = {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer | null])[]
  readonly decision?: Decision
}

type RecordPlace = { readonly partition: number; readonly offset: number }

/**
 * `settle` decides on what no dead letter stands for. `letGo` are numbers, first and last, that a forced discard or a
 * `settle` names. `waiting` are the records that a `settle` drops. `all` is a forced discard of everything of a student.
 */
export type Decision = {
  readonly kind: 'replay' | 'discard' | 'settle'
  readonly force: boolean
  readonly identifier: string
  readonly letters: readonly RecordPlace[]
  readonly letGo?: readonly { readonly source: string; readonly from: bigint; readonly to: bigint }[]
  readonly waiting?: readonly RecordPlace[]
  readonly all?: boolean
}

export type Policy = {
  readonly balance_basis: 'payable' | 'net_of_direct' | 'outstanding'
  readonly paid_instalments: 'omit' | 'zero'
  readonly pending_payments?: 'count' | 'ignore' | undefined
  readonly several_years?: 'latest' | 'ambiguous' | undefined
  readonly timezone: string
}

export type Outcome = 'applied' | 'duplicate' | 'held' | 'orphan' | 'conflict' | 'poison' | 'misrouted' | 'ignored'
export type Reason = 'poison' | 'conflict' | 'overflow'

export type DetailFamily =
  | 'too_large'
  | 'undecodable'
  | 'duplicate_key'
  | 'envelope'
  | 'unknown_type'
  | 'invalid_data'
  | 'not_active'
  | 'transferred_away'
  | 'overflow'
  | 'id_reused'
  | 'number_reused'
  | 'number_let_go'
  | 'late_number'
  | 'sequence_missing'
  | 'overtaken'
  | 'stale_snapshot'
  | 'too_old'
  | 'replaced_source'

export type Paise = bigint

/** What, with the identifier, makes an enrolment. No branch is a value of its own: null. */
export type Place = { readonly branch: string | null; readonly grade: string; readonly yearStart: string }

export type Profile = {
  readonly fullname: string
  readonly newAdmission: boolean
  readonly contactName: string
  readonly contactNumber: string
  readonly contactEmail: string
  readonly dateOfBirth: string | null
  readonly customIdentifier: string | null
  readonly user: { readonly name: string; readonly phone: string } | null
}

export type Fee = { readonly component: string; readonly amount: Paise }
/** `percent` in ten-thousandths of a percent. Exactly one of the two is given. */
export type Discount = {
  readonly id: string
  readonly component: string
  readonly amount: Paise | null
  readonly percent: bigint | null
}
export type Allocation = { readonly component: string; readonly amount: Paise; readonly referenceId: string | null }
/** `at` names an instalment or is a day of its own. `from: null` counts at once. */
export type Charge = {
  readonly id: string
  readonly component: string
  readonly amount: Paise
  readonly at: { readonly referenceId: string } | { readonly dueDate: string }
  readonly from: string | null
}
export type Payment = {
  readonly id: string
  readonly amount: Paise
  readonly pending: boolean
  readonly collectedBy: 'institute' | 'jodo'
  readonly allocations: readonly Allocation[]
}
export type Instalment = {
  readonly dueDate: string
  readonly referenceId: string | null
  readonly identifier: string | null
  readonly isDownpayment: boolean | null
  readonly details: readonly Fee[]
}

export type Money = {
  /** Some assessment came. */
  readonly assessed: boolean
  readonly fees: readonly Fee[]
  readonly discounts: readonly Discount[]
  readonly charges: readonly Charge[]
  readonly payments: readonly Payment[]
  readonly schedule: readonly Instalment[] | null
}

/** A leaving from a day on; `from: null` is at once. `at` is when the event that told it happened. */
export type Leaving = { readonly from: string | null; readonly message: string | null; readonly at: Instant }
/** `to` is the key of the target; null where a snapshot told of the transfer. */
export type Transferred = { readonly to: string | null; readonly message: string | null; readonly at: Instant }

/**
 * Why the money of an active enrolment is in doubt. A list settles each of them. `returned`: enrolled after a leaving; a
 * reinstatement settles it too. `announced`: listed as left while its day is to come; a reinstatement or another leaving
 * decides. `moved`: nobody but the publisher knows what counts after a transfer.
 */
export type Unsettled = 'returned' | 'announced' | 'moved'

export type Enrolment = {
  readonly place: Place
  readonly yearEnd: string
  readonly owner: string
  readonly profile: Profile
  readonly money: Money
  readonly leaving: Leaving | null
  readonly transferred: Transferred | null
  readonly unsettled: readonly Unsettled[]
  /** False for a transfer's copy that no `enrolled` and no list has named since. */
  readonly named: boolean
  /** Keys of the enrolments from which transfers led here. */
  readonly origins: readonly string[]
  /** Counts events; tells which of two left last when the days are the same. */
  readonly leftAsNumber: number
}

export type Listed = {
  readonly place: Place
  readonly yearEnd: string
  readonly profile: Profile
  readonly status: 'active' | 'discontinued' | 'transferred'
  readonly effectiveOn: string | null
  readonly message: string | null
  readonly money: Money
}

export type MoneyChange =
  | { readonly type: 'fees.assessed'; readonly fees: readonly Fee[] }
  | { readonly type: 'fee.changed'; readonly fee: Fee }
  | { readonly type: 'fee.removed'; readonly component: string }
  | { readonly type: 'discount.granted'; readonly discount: Discount }
  | { readonly type: 'discount.revoked'; readonly id: string }
  | { readonly type: 'charge.added'; readonly charge: Charge }
  | { readonly type: 'charge.removed'; readonly id: string }
  | { readonly type: 'payment.recorded'; readonly payment: Payment }
  | { readonly type: 'payment.reversed'; readonly id: string }
  | { readonly type: 'schedule.set'; readonly schedule: readonly Instalment[] }
  | { readonly type: 'schedule.cleared' }

/** What is said of one enrolment. */
export type Change =
  | { readonly type: 'enrolled'; readonly place: Place; readonly yearEnd: string; readonly profile: Profile }
  | { readonly type: 'updated'; readonly place: Place; readonly changes: Partial<Profile> }
  | {
      readonly type: 'discontinued'
      readonly place: Place
      readonly effectiveOn: string | null
      readonly message: string | null
    }
  | { readonly type: 'reinstated'; readonly place: Place }
  | {
      readonly type: 'transferred'
      readonly place: Place
      readonly to: Place
      readonly yearEnd: string | null
      readonly message: string | null
    }
  | { readonly type: 'money'; readonly place: Place; readonly change: MoneyChange }

export type Payload =
  | { readonly type: 'foreign' }
  | { readonly type: 'erased' }
  | { readonly type: 'snapshot'; readonly listed: readonly Listed[]; readonly replaces: readonly string[] }
  | { readonly type: 'changed'; readonly changes: readonly Change[] }
  | Change

/** Keys of the enrolments that an event is about. */
export type About = readonly string[] | 'all'

/** An event whose envelope and data are valid. `sequence` null = it has none. */
export type Event = {
  readonly kind: 'event'
  readonly student: string
  readonly source: string
  readonly id: string
  readonly time: Instant
  readonly sequence: bigint | null
  readonly content: string
  readonly payload: Payload
  readonly about: About
}

/** What could be read of a bad record. */
export type Bad = {
  readonly kind: 'bad'
  readonly family: DetailFamily
  readonly student: string | null
  readonly source: string | null
  readonly id: string | null
  readonly sequence: bigint | null | 'unreadable'
  readonly content: string | null
  /** Null where it cannot be read. */
  readonly time: Instant | null
  readonly about: About
}

export type Decoded =
  | Event
  | Bad
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'heartbeat'; readonly source: string }
  | { readonly kind: 'foreign' }
