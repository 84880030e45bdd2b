import { z } from 'zod'
import { ALWAYS, amount, code, date, flag, optional, orElse, percent, studentId, text } from './fields.ts'
import { keyedList, listOf } from './list.ts'

/** The shapes that several events share. Objects read known keys only, so publishers can grow. */

export const student = z.object({
  identifier: studentId,
  grade: code,
  academic_year_start: code,
  collector_code: optional(code),
})
export const newStudent = student.extend({ academic_year_end: code })

export const user = z.object({ name: text, phone: code })

export const profile = {
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
export const feeComponents = keyedList(feeComponent, 'component_type')

const exactlyOne =
  (a: string, b: string) =>
  (value: object): boolean => {
    const fields = value as Readonly<Record<string, unknown>>
    return (fields[a] === undefined) !== (fields[b] === undefined)
  }

export const discountFields = {
  discount_id: code,
  component_type: code,
  amount: optional(amount),
  percent: optional(percent),
}
export const isOneWorth = exactlyOne('amount', 'percent')
export const ONE_WORTH = { message: 'needs exactly one of amount and percent', ...ALWAYS }
export const discounts = keyedList(z.object(discountFields).refine(isOneWorth, ONE_WORTH), 'discount_id')

export const chargeFields = {
  charge_id: code,
  component_type: code,
  amount,
  reference_id: optional(code),
  due_date: optional(date),
  effective_on: optional(date),
}
export const isOnePlace = exactlyOne('reference_id', 'due_date')
export const ONE_PLACE = { message: 'needs exactly one of reference_id and due_date', ...ALWAYS }
export const charges = keyedList(z.object(chargeFields).refine(isOnePlace, ONE_PLACE), 'charge_id')

const allocation = z.object({ component_type: code, amount, reference_id: optional(code) })
/** A cleared payment reads as one without a status, as payments were before they had any. */
const paymentStatus = z.enum(['cleared', 'pending']).transform((status) => (status === 'pending' ? status : undefined))
export const paymentFields = {
  payment_id: code,
  amount,
  paid_on: date,
  status: optional(paymentStatus),
  collected_by: orElse(z.enum(['institute', 'jodo']), 'institute' as const),
  allocations: optional(listOf(allocation)),
}
/** Amounts that cannot be read have a problem of their own; the comparison leaves them out. */
export const covers = (payment: { amount: unknown; allocations?: unknown }): boolean => {
  const { amount: most, allocations } = payment
  if (typeof most !== 'number' || !Array.isArray(allocations)) return true
  const amounts = allocations.map((item: { readonly amount?: unknown } | null | undefined) => item?.amount)
  return amounts.reduce<number>((sum, one) => (typeof one === 'number' ? sum + one : sum), 0) <= most
}
export const COVERS = { message: 'allocations sum to more than the amount', path: ['allocations'], ...ALWAYS }
export const payments = keyedList(z.object(paymentFields).refine(covers, COVERS), 'payment_id')

const instalment = z.object({
  due_date: date,
  reference_id: optional(code),
  identifier: optional(code),
  is_downpayment: optional(flag),
  details: keyedList(feeComponent, 'component_type', 1),
})
export const paymentSchedule = keyedList(instalment, 'reference_id', 1)

export type FeeComponent = z.output<typeof feeComponent>
export type Discount = z.output<typeof discounts>[number]
export type Charge = z.output<typeof charges>[number]
export type Payment = z.output<typeof payments>[number]
export type Instalment = z.output<typeof paymentSchedule>[number]
