import { z } from 'zod'
import type { Instant } from '../values/ids.ts'
import { ALWAYS, amount, code, date, flag, optional, orElse, percent, studentId, text, unique } from './fields.ts'

/**
 * The events: for each `type`, the shape of its `data`. The schemas are the types, the validation and, on their input
 * side, the published JSON Schemas. Objects read known keys only, so publishers can grow.
 */

const student = z.object({
  identifier: studentId,
  grade: code,
  academic_year_start: code,
  collector_code: optional(code),
})
const newStudent = student.extend({ academic_year_end: code })

const user = z.object({ name: text, phone: code })

const profile = {
  fullname: text,
  new_admission: flag,
  primary_contact_name: text,
  primary_contact_number: code,
  primary_contact_email: text,
  date_of_birth: optional(date),
  custom_identifier: optional(code),
  user: optional(user),
}

const feeComponent = z.object({ component_type: code, amount })
const feeComponents = z.array(feeComponent).superRefine(
  unique((item) => item.component_type, 'component_type'),
  ALWAYS,
)

const oneOf = (value: { amount?: unknown; percent?: unknown }): boolean =>
  (value.amount === undefined) !== (value.percent === undefined)
const discountFields = { discount_id: code, component_type: code, amount: optional(amount), percent: optional(percent) }
const ONE_OF = { message: 'needs exactly one of amount and percent', ...ALWAYS }

const allocation = z.object({ component_type: code, amount, reference_id: optional(code) })
const paymentFields = {
  payment_id: code,
  amount,
  paid_on: date,
  collected_by: orElse(z.enum(['institute', 'jodo']), 'institute' as const),
  allocations: optional(z.array(allocation)),
}
/** Amounts that cannot be read are told as such, and cover nothing and anything. */
const covers = (payment: { amount: unknown; allocations?: unknown }): boolean => {
  const { amount: most, allocations } = payment
  if (typeof most !== 'number' || !Array.isArray(allocations)) return true
  const amounts = allocations.map((item: { readonly amount?: unknown } | null | undefined) => item?.amount)
  return amounts.reduce<number>((sum, one) => (typeof one === 'number' ? sum + one : sum), 0) <= most
}
const COVERS = { message: 'allocations sum to more than the amount', path: ['allocations'], ...ALWAYS }

const instalment = z.object({
  due_date: date,
  reference_id: optional(code),
  identifier: optional(code),
  is_downpayment: optional(flag),
  details: feeComponents.min(1, 'must not be empty'),
})
const paymentSchedule = z
  .array(instalment)
  .min(1, 'must not be empty')
  .superRefine(
    unique((item) => item.reference_id, 'reference_id'),
    ALWAYS,
  )

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
  discounts: optional(
    z.array(z.object(discountFields).refine(oneOf, ONE_OF)).superRefine(
      unique((item) => item.discount_id, 'discount_id'),
      ALWAYS,
    ),
  ),
  payments: optional(
    z.array(z.object(paymentFields).refine(covers, COVERS)).superRefine(
      unique((item) => item.payment_id, 'payment_id'),
      ALWAYS,
    ),
  ),
  payment_schedule: optional(paymentSchedule),
})
const enrolmentText = (item: {
  grade: string
  academic_year_start: string
  collector_code?: string | undefined
}): string | undefined => {
  const { grade, academic_year_start: year, collector_code: branch } = item
  const isKnown =
    typeof grade === 'string' && typeof year === 'string' && ['string', 'undefined'].includes(typeof branch)
  return isKnown ? JSON.stringify([grade, year, branch ?? null]) : undefined
}

export const eventData = {
  'erp.student.enrolled.v1': z.object({ student: newStudent, ...profile }),
  'erp.student.updated.v1': z.object({
    student,
    fullname: text.optional(),
    new_admission: flag.optional(),
    primary_contact_name: text.optional(),
    primary_contact_number: code.optional(),
    primary_contact_email: text.optional(),
    date_of_birth: date.nullable().optional(),
    custom_identifier: code.nullable().optional(),
    user: user.nullable().optional(),
  }),
  'erp.student.discontinued.v1': z.object({ student, effective_on: optional(date), message: optional(text) }),
  'erp.student.reinstated.v1': z.object({ student }),
  'erp.student.transferred.v1': z
    .object({
      student,
      to: z.object({
        collector_code: code.nullable().optional(),
        grade: optional(code),
        academic_year_start: optional(code),
        academic_year_end: optional(code),
      }),
      message: optional(text),
    })
    .refine(
      ({ student: from, to }) =>
        (to.grade ?? from.grade) !== from.grade ||
        (to.academic_year_start ?? from.academic_year_start) !== from.academic_year_start ||
        (to.collector_code === undefined ? from.collector_code : (to.collector_code ?? undefined)) !==
          from.collector_code,
      { message: 'names no other enrolment', path: ['to'] },
    ),
  'erp.fees.assessed.v1': z.object({ student, fee_components: feeComponents }),
  'erp.fee.changed.v1': z.object({ student, component_type: code, amount }),
  'erp.fee.removed.v1': z.object({ student, component_type: code }),
  'erp.discount.granted.v1': z.object({ student, ...discountFields }).refine(oneOf, ONE_OF),
  'erp.discount.revoked.v1': z.object({ student, discount_id: code }),
  'erp.payment.recorded.v1': z.object({ student, ...paymentFields }).refine(covers, COVERS),
  'erp.payment.reversed.v1': z.object({ student, payment_id: code, reason: optional(text) }),
  'erp.schedule.set.v1': z.object({ student, payment_schedule: paymentSchedule }),
  'erp.schedule.cleared.v1': z.object({ student }),
  'erp.student.snapshot.v1': z.object({
    student: z.object({ identifier: studentId }),
    enrolments: z.array(snapshotEnrolment).superRefine(unique(enrolmentText, 'grade'), ALWAYS),
  }),
  'erp.student.erased.v1': z.object({ student: z.object({ identifier: studentId }) }),
} as const

export type EventType = keyof typeof eventData
export type EventData<T extends EventType> = z.output<(typeof eventData)[T]>

/** A validated fact about a student: its type and data. */
export type Fact = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType]

export type SnapshotEnrolment = EventData<'erp.student.snapshot.v1'>['enrolments'][number]
export type Discount = NonNullable<SnapshotEnrolment['discounts']>[number]
export type Payment = NonNullable<SnapshotEnrolment['payments']>[number]
export type Instalment = NonNullable<SnapshotEnrolment['payment_schedule']>[number]
export type FeeComponent = z.output<typeof feeComponent>
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
  /** 1 … 2^63 − 1, or `null` where the event bears none. */
  readonly sequence: bigint | null
}

export type LogPosition = { readonly partition: number; readonly offset: number }

/** A fact as it came: what it says, who said it, and where it lies in the log. */
export type StudentEvent = {
  readonly envelope: Envelope
  readonly fact: Fact
  readonly place: LogPosition
  /** Unix milliseconds of the record: its publisher's clock. */
  readonly timestampMs: number
}
