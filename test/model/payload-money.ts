import { code, date, flag, list, must, oneOf, optional, percent, rupees, unique } from './fields.ts'
import type { JsonObject } from './json.ts'
import type { Allocation, Charge, Discount, Fee, Instalment, Payment } from './types.ts'

export const readFee = (object: JsonObject): Fee => ({
  component: code(object, 'component_type'),
  amount: rupees(object, 'amount'),
})

export const readFees = (object: JsonObject, name: string): Fee[] => uniqueComponents(list(object, name, readFee))

const uniqueComponents = (fees: Fee[]): Fee[] => {
  unique(
    'component_type',
    fees.map((fee) => fee.component),
  )
  return fees
}

export const readDiscount = (object: JsonObject): Discount => {
  const amount = optional(rupees, object, 'amount')
  const share = optional(percent, object, 'percent')
  must((amount === null) !== (share === null), 'discount', 'must have one of amount and percent')
  return { id: code(object, 'discount_id'), component: code(object, 'component_type'), amount, percent: share }
}

export const readCharge = (object: JsonObject): Charge => {
  const referenceId = optional(code, object, 'reference_id')
  const dueDate = optional(date, object, 'due_date')
  must((referenceId === null) !== (dueDate === null), 'charge', 'must have one of reference_id and due_date')
  return {
    id: code(object, 'charge_id'),
    ...readFee(object),
    at: referenceId === null ? { dueDate: dueDate as string } : { referenceId },
    from: optional(date, object, 'effective_on'),
  }
}

const readAllocation = (object: JsonObject): Allocation => ({
  ...readFee(object),
  referenceId: optional(code, object, 'reference_id'),
})

export const readPayment = (object: JsonObject): Payment => {
  const amount = rupees(object, 'amount')
  const allocations = optional((at, name) => list(at, name, readAllocation), object, 'allocations') ?? []
  const allocated = allocations.reduce((sum, allocation) => sum + allocation.amount, 0n)
  must(allocated <= amount, 'allocations', 'must not be more than the payment')
  date(object, 'paid_on')
  const collectedBy = optional((at, name) => oneOf(at, name, ['institute', 'jodo'] as const), object, 'collected_by')
  const status = optional((at, name) => oneOf(at, name, ['cleared', 'pending'] as const), object, 'status')
  return {
    id: code(object, 'payment_id'),
    amount,
    pending: status === 'pending',
    collectedBy: collectedBy ?? 'institute',
    allocations,
  }
}

const readInstalment = (object: JsonObject): Instalment => ({
  dueDate: date(object, 'due_date'),
  referenceId: optional(code, object, 'reference_id'),
  identifier: optional(code, object, 'identifier'),
  isDownpayment: optional(flag, object, 'is_downpayment'),
  details: uniqueComponents(list(object, 'details', readFee, 1)),
})

export const readSchedule = (object: JsonObject, name: string): Instalment[] => {
  const schedule = list(object, name, readInstalment, 1)
  unique(
    'reference_id',
    schedule.map((entry) => entry.referenceId),
  )
  return schedule
}
