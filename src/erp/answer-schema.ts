import { z } from 'zod'
import { parseDate } from '../../projections/values/calendar.ts'

/**
 * The valid answers of an ERP, as the payment partner's page describes them. They are only checked, never rebuilt: the
 * partner gets the ERP's own bytes, and fields not named here pass. `null`, `""` and `0000-00-00` in an optional field
 * count as absent.
 */
const name = z.string().min(1)

/** Codes, years and ids are text; many ERPs store them as integers. */
const code = z.union([name, z.int()])
const date = z.string().refine((text) => parseDate(text) !== null)

/** Many ERP databases store a missing value as an empty text or as the zero date. */
const NOTHING: readonly unknown[] = ['', '0000-00-00']
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (NOTHING.includes(value) ? null : value), schema.nullish())

const maxRupees = 9_999_999_999.99

/** Whole paise except for floating-point noise, which ERPs that add doubles write (`10000.300000000001`). */
const isWholePaise = (rupees: number): boolean => Math.abs(rupees * 100 - Math.round(rupees * 100)) < 0.001
const amount = z.number().min(0).max(maxRupees).refine(isWholePaise)

const student = z.object({
  fullname: z.string(),
  identifier: code,
  collector_code: optional(code),
  grade: code,
  new_admission: z.boolean(),
  academic_year_start: code,
  academic_year_end: code,
  date_of_birth: optional(date),
  primary_contact_name: z.string(),
  primary_contact_number: z.string(),
  primary_contact_email: z.string(),
})

const instalment = z.object({
  due_date: date,
  reference_id: optional(z.string()),
  identifier: optional(z.string()),
  is_downpayment: optional(z.boolean()),
  details: z.array(z.object({ component_type: name, amount })),
})

export const successBody = z.object({
  status: z.literal('success'),
  data: z.object({
    student,
    fee_components: z.array(z.object({ component_type: name, fee_amount: amount })),
    payment_schedule: optional(z.array(instalment)),
    user: optional(z.object({ name: z.string(), phone: z.string() })),
  }),
})

export const errorBody = z.object({
  status: z.literal('error'),
  message: z.string(),
  code: z.enum(['student_not_found', 'student_discontinued', 'student_transferred', 'data_error']),
})

export type AnsweredStudent = z.output<typeof student>
