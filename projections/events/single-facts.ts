import { z } from 'zod'
import { amount, code, date, flag, optional, text } from './fields.ts'
import {
  COVERS,
  chargeFields,
  covers,
  discountFields,
  feeComponents,
  isOnePlace,
  isOneWorth,
  newStudent,
  ONE_PLACE,
  ONE_WORTH,
  paymentFields,
  paymentSchedule,
  profile,
  student,
  user,
} from './shapes.ts'

/** The facts about one enrolment: each may be an event of its own, or one change among those of an `erp.student.changed.v1`. */

type From = z.output<typeof student>
type To = {
  readonly collector_code?: string | null | undefined
  readonly grade?: string | undefined
  readonly academic_year_start?: string | undefined
}

/** Whether a transfer names another enrolment than the one it leaves. */
export const namesAnother = (from: From, to: To): boolean =>
  (to.grade ?? from.grade) !== from.grade ||
  (to.academic_year_start ?? from.academic_year_start) !== from.academic_year_start ||
  (to.collector_code === undefined ? from.collector_code : (to.collector_code ?? undefined)) !== from.collector_code

export const SAME_ENROLMENT = 'names no other enrolment'

/**
 * The schemas, for any schema of `student`: required in an event, optional in a change.
 *
 * @param newcomer the schema of `student` where an enrolment is made
 */
const singleFacts = <S extends z.ZodType, N extends z.ZodType>(student: S, newcomer: N) => ({
  'erp.student.enrolled.v1': z.object({ student: newcomer, ...profile }),
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
  'erp.student.transferred.v1': z.object({
    student,
    to: z.object({
      collector_code: code.nullable().optional(),
      grade: optional(code),
      academic_year_start: optional(code),
      academic_year_end: optional(code),
    }),
    message: optional(text),
  }),
  'erp.fees.assessed.v1': z.object({ student, fee_components: feeComponents }),
  'erp.fee.changed.v1': z.object({ student, component_type: code, amount }),
  'erp.fee.removed.v1': z.object({ student, component_type: code }),
  'erp.discount.granted.v1': z.object({ student, ...discountFields }).refine(isOneWorth, ONE_WORTH),
  'erp.discount.revoked.v1': z.object({ student, discount_id: code }),
  'erp.charge.added.v1': z.object({ student, ...chargeFields }).refine(isOnePlace, ONE_PLACE),
  'erp.charge.removed.v1': z.object({ student, charge_id: code }),
  'erp.payment.recorded.v1': z.object({ student, ...paymentFields }).refine(covers, COVERS),
  'erp.payment.reversed.v1': z.object({ student, payment_id: code, reason: optional(text) }),
  'erp.schedule.set.v1': z.object({ student, payment_schedule: paymentSchedule }),
  'erp.schedule.cleared.v1': z.object({ student }),
})

/** As events of their own. */
export const eventFacts = singleFacts(student, newStudent)
/** As changes: without a `student` of its own, a change is about the event's. */
export const changeFacts = singleFacts(optional(student), optional(newStudent))

export type SingleType = keyof typeof eventFacts
export type SingleFact = {
  [T in SingleType]: { readonly type: T; readonly data: z.output<(typeof eventFacts)[T]> }
}[SingleType]
