import { z } from 'zod'
import type { Instant } from '../values/ids.ts'
import { changedData } from './changed.ts'
import { code, date, isAttribute, optional, parsed, studentId, text } from './fields.ts'
import { listOf } from './list.ts'
import { charges, discounts, feeComponents, paymentSchedule, payments, profile } from './shapes.ts'
import { eventFacts, namesAnother, SAME_ENROLMENT } from './single-facts.ts'

/**
 * The events: for each `type`, the shape of its `data`. The schemas are the types, the validation and, on their input
 * side, the published JSON Schemas.
 */

const snapshotEnrolment = z.object({
  grade: code,
  academic_year_start: code,
  academic_year_end: code,
  collector_code: optional(code),
  status: z.enum(['active', 'discontinued', 'transferred']),
  effective_on: optional(date),
  message: optional(text),
  ...profile,
  fee_components: optional(feeComponents),
  discounts: optional(discounts),
  charges: optional(charges),
  payments: optional(payments),
  payment_schedule: optional(paymentSchedule),
})
/** What may be read of an enrolment is looked at, whatever else is wrong with it. */
const enrolmentText = (item: object): string | undefined => {
  const { grade, academic_year_start: year, collector_code: branch } = item as Readonly<Record<string, unknown>>
  const isKnown =
    typeof grade === 'string' && typeof year === 'string' && ['string', 'undefined'].includes(typeof branch)
  return isKnown ? JSON.stringify([grade, year, branch ?? null]) : undefined
}

const MOST_REPLACED = 16
const sourceName = parsed<string>(
  { type: 'string', minLength: 1, maxLength: 256 },
  (value) => (isAttribute(value) ? value : null),
  'must be the name of a source, text of 1 to 256 characters',
)
/** Others than the event's own; that one is the envelope's, so consumers/events/read-data.ts compares them. */
const replaces = listOf(sourceName, { least: 1, most: MOST_REPLACED })

const transferred = eventFacts['erp.student.transferred.v1']

export const eventData = {
  ...eventFacts,
  'erp.student.transferred.v1': transferred.refine(({ student: from, to }) => namesAnother(from, to), {
    message: SAME_ENROLMENT,
    path: ['to'],
  }),
  'erp.student.changed.v1': changedData,
  'erp.student.snapshot.v1': z.object({
    student: z.object({ identifier: studentId }),
    enrolments: listOf(snapshotEnrolment, { unique: { field: 'grade', key: enrolmentText } }),
    replaces: optional(replaces),
  }),
  'erp.student.erased.v1': z.object({ student: z.object({ identifier: studentId }) }),
} as const

export type EventType = keyof typeof eventData
export type EventData<T extends EventType> = z.output<(typeof eventData)[T]>

/** A validated fact about a student: its type and data. */
export type Fact = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType]

export type SnapshotEnrolment = EventData<'erp.student.snapshot.v1'>['enrolments'][number]
export type Profile = Omit<EventData<'erp.student.enrolled.v1'>, 'student'>

export const HEARTBEAT = 'erp.heartbeat.v1'
export const RESOLVED = 'pullgate.student.resolved.v1'
export const OPERATOR = '/pullgate/operator'

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventData, type)

/** What the envelope says of an event, hashed where only equality matters. */
export type Envelope = {
  readonly source: string
  /** Hash of (`source`, `id`): the event's identity. */
  readonly identity: string
  /** Hash of `type`, `time`, `sequence` and `data` as JSON by value. */
  readonly content: string
  readonly time: Instant
  /** 1 … 2^63 − 1, or `null` where the event has none. */
  readonly sequence: bigint | null
}

export type LogPosition = { readonly partition: number; readonly offset: number }

/** A fact as received: its content, its source and its position in the log. */
export type StudentEvent = {
  readonly envelope: Envelope
  readonly fact: Fact
  readonly place: LogPosition
  /** Unix milliseconds of the record: its publisher's clock. */
  readonly timestampMs: number
}
