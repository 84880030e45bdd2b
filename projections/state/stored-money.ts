import type { Charge, Discount, FeeComponent, Instalment, Payment } from '../events/shapes.ts'
import type { IsoDate, Paise } from '../values/ids.ts'

/** The stored form of an enrolment's money: lists of equal items are flat, `null` stands for absent. */

/** Texts that repeat within one student, by the order of their first use. */
export type Words = { readonly list: readonly string[]; readonly indexOf: (word: string) => number }

export const collectWords = (): Words => {
  const list: string[] = []
  return {
    list,
    indexOf: (word) => {
      const known = list.indexOf(word)
      return known >= 0 ? known : list.push(word) - 1
    },
  }
}

export type StoredInstalment = readonly [
  due: string,
  reference: string | null,
  identifier: string | null,
  isDownpayment: boolean | null,
  details: readonly number[],
]

export type StoredPayment = readonly [
  id: string,
  amount: number,
  paidOn: string,
  /** 1: collected by the partner; 2: pending. */
  flags: number,
  /** Component, amount and reference in turn. */
  allocations: readonly (number | string | null)[] | null,
]

/** Component and amount in turn. */
export type StoredComponents = readonly number[]

/** Id, component, amount and percent in turn. */
export type StoredDiscounts = readonly (number | string | null)[]

/** Id, component, amount, reference, due date and first day in turn. */
export type StoredCharges = readonly (number | string | null)[]

export const encodeComponents = (items: readonly FeeComponent[], words: Words): number[] => {
  const flat: number[] = []
  for (const { component_type, amount } of items) flat.push(words.indexOf(component_type), amount)
  return flat
}

export const decodeComponents = (flat: readonly number[], words: readonly string[]): FeeComponent[] => {
  const items: FeeComponent[] = []
  for (let at = 0; at < flat.length; at += 2)
    items.push({ component_type: words[flat[at]!]!, amount: flat[at + 1] as Paise })
  return items
}

export const encodeDiscounts = (discounts: readonly Discount[], words: Words): (number | string | null)[] =>
  discounts.flatMap(({ discount_id, component_type, amount, percent }) => [
    discount_id,
    words.indexOf(component_type),
    amount ?? null,
    percent ?? null,
  ])

export const decodeDiscounts = (flat: StoredDiscounts, words: readonly string[]): Discount[] => {
  const discounts: Discount[] = []
  for (let at = 0; at < flat.length; at += 4) {
    discounts.push({
      discount_id: flat[at] as string,
      component_type: words[flat[at + 1] as number]!,
      amount: (flat[at + 2] as Paise | null) ?? undefined,
      percent: (flat[at + 3] as number | null) ?? undefined,
    })
  }
  return discounts
}

export const encodeCharges = (charges: readonly Charge[], words: Words): (number | string | null)[] =>
  charges.flatMap(({ charge_id, component_type, amount, reference_id, due_date, effective_on }) => [
    charge_id,
    words.indexOf(component_type),
    amount,
    reference_id ?? null,
    due_date ?? null,
    effective_on ?? null,
  ])

export const decodeCharges = (flat: StoredCharges, words: readonly string[]): Charge[] => {
  const charges: Charge[] = []
  for (let at = 0; at < flat.length; at += 6) {
    charges.push({
      charge_id: flat[at] as string,
      component_type: words[flat[at + 1] as number]!,
      amount: flat[at + 2] as Paise,
      reference_id: (flat[at + 3] as string | null) ?? undefined,
      due_date: (flat[at + 4] as IsoDate | null) ?? undefined,
      effective_on: (flat[at + 5] as IsoDate | null) ?? undefined,
    })
  }
  return charges
}

const BY_JODO = 1
const PENDING = 2

export const encodePayment = (
  { payment_id, amount, paid_on, status, collected_by, allocations }: Payment,
  words: Words,
): StoredPayment => [
  payment_id,
  amount,
  paid_on,
  (collected_by === 'jodo' ? BY_JODO : 0) + (status === 'pending' ? PENDING : 0),
  allocations?.flatMap((item) => [words.indexOf(item.component_type), item.amount, item.reference_id ?? null]) ?? null,
]

export const decodePayment = ([id, amount, paidOn, flags, flat]: StoredPayment, words: readonly string[]): Payment => ({
  payment_id: id,
  amount: amount as Paise,
  paid_on: paidOn as IsoDate,
  status: (flags & PENDING) === 0 ? undefined : 'pending',
  collected_by: (flags & BY_JODO) === 0 ? 'institute' : 'jodo',
  allocations: flat === null ? undefined : decodeAllocations(flat, words),
})

const decodeAllocations = (
  flat: NonNullable<StoredPayment[4]>,
  words: readonly string[],
): NonNullable<Payment['allocations']> => {
  const items: NonNullable<Payment['allocations']> = []
  for (let at = 0; at < flat.length; at += 3) {
    items.push({
      component_type: words[flat[at] as number]!,
      amount: flat[at + 1] as Paise,
      reference_id: (flat[at + 2] as string | null) ?? undefined,
    })
  }
  return items
}

export const encodeInstalment = (instalment: Instalment, words: Words): StoredInstalment => [
  instalment.due_date,
  instalment.reference_id ?? null,
  instalment.identifier ?? null,
  instalment.is_downpayment ?? null,
  encodeComponents(instalment.details, words),
]

export const decodeInstalment = (
  [due, reference, identifier, isDownpayment, details]: StoredInstalment,
  words: readonly string[],
): Instalment => ({
  due_date: due as IsoDate,
  reference_id: reference ?? undefined,
  identifier: identifier ?? undefined,
  is_downpayment: isDownpayment ?? undefined,
  details: decodeComponents(details, words),
})
