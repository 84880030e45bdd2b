import type { Discount, FeeComponent, Instalment, Payment, Profile } from './event.ts'
import type { Instant, IsoDate, Paise } from './ids.ts'
import { ACTIVE, type Enrolment, type EnrolmentKey, type Left, type Standing } from './student.ts'

/**
 * The stored form of an enrolment: positions instead of names, and each component type and publisher once per student
 * (`Words`), since schedules repeat them many times. Against objects with their names it takes a third of the bytes and
 * half of the time. `null` stands for absent; lists of equal items are flat.
 */

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

type StoredKey = readonly [grade: string, yearStart: string, collectorCode: string | null]

type StoredLeft = readonly [
  kind: 0 | 1,
  on: string,
  at: string,
  order: number,
  message: string | null,
  to: StoredKey | null,
]

type StoredProfile = readonly [
  fullname: string,
  newAdmission: 0 | 1,
  contactName: string,
  contactNumber: string,
  contactEmail: string,
  birth: string | null,
  custom: string | null,
  userName: string | null,
  userPhone: string | null,
]

type StoredInstalment = readonly [
  due: string,
  reference: string | null,
  identifier: string | null,
  isDownpayment: boolean | null,
  details: readonly number[],
]

type StoredPayment = readonly [
  id: string,
  amount: number,
  paidOn: string,
  byJodo: 0 | 1,
  /** Component, amount and reference in turn. */
  allocations: readonly (number | string | null)[] | null,
]

export type StoredEnrolment = readonly [
  key: StoredKey,
  yearEnd: string,
  owner: number,
  profile: StoredProfile,
  /** `0`: active. */
  standing: 0 | readonly [now: StoredLeft | null, leaving: StoredLeft | null],
  needsSnapshot: 0 | 1,
  /** Component and amount in turn. */
  fees: readonly number[] | null,
  /** Id, component, amount and percent in turn. */
  discounts: readonly (number | string | null)[],
  payments: readonly StoredPayment[],
  schedule: readonly StoredInstalment[] | null,
]

export const encodeEnrolment = (enrolment: Enrolment, words: Words): StoredEnrolment => [
  encodeKey(enrolment.key),
  enrolment.yearEnd,
  words.indexOf(enrolment.owner),
  encodeProfile(enrolment.profile),
  encodeStanding(enrolment.standing),
  enrolment.needsSnapshot ? 1 : 0,
  enrolment.fees && encodeComponents(enrolment.fees, words),
  encodeDiscounts(enrolment.discounts, words),
  enrolment.payments.map((payment) => encodePayment(payment, words)),
  enrolment.schedule?.map((instalment) => encodeInstalment(instalment, words)) ?? null,
]

export const decodeEnrolment = (stored: StoredEnrolment, words: readonly string[]): Enrolment => {
  const [key, yearEnd, owner, profile, standing, needsSnapshot, fees, discounts, payments, schedule] = stored
  return {
    key: decodeKey(key),
    yearEnd,
    owner: words[owner]!,
    profile: decodeProfile(profile),
    standing: decodeStanding(standing),
    fees: fees && decodeComponents(fees, words),
    needsSnapshot: needsSnapshot === 1,
    discounts: decodeDiscounts(discounts, words),
    payments: payments.map((payment) => decodePayment(payment, words)),
    schedule: schedule?.map((instalment) => decodeInstalment(instalment, words)) ?? null,
  }
}

const encodeKey = ({ grade, yearStart, collectorCode }: EnrolmentKey): StoredKey => [grade, yearStart, collectorCode]
const decodeKey = ([grade, yearStart, collectorCode]: StoredKey): EnrolmentKey => ({ grade, yearStart, collectorCode })

const encodeProfile = (profile: Profile): StoredProfile => [
  profile.fullname,
  profile.new_admission ? 1 : 0,
  profile.primary_contact_name,
  profile.primary_contact_number,
  profile.primary_contact_email,
  profile.date_of_birth ?? null,
  profile.custom_identifier ?? null,
  profile.user?.name ?? null,
  profile.user?.phone ?? null,
]

const decodeProfile = ([
  name,
  isNew,
  contact,
  number,
  email,
  birth,
  custom,
  userName,
  phone,
]: StoredProfile): Profile => ({
  fullname: name,
  new_admission: isNew === 1,
  primary_contact_name: contact,
  primary_contact_number: number,
  primary_contact_email: email,
  date_of_birth: (birth as IsoDate | null) ?? undefined,
  custom_identifier: custom ?? undefined,
  user: phone === null ? undefined : { name: userName ?? '', phone },
})

const LEFT = ['discontinued', 'transferred'] as const

const encodeLeft = ({ kind, on, at, order, message, to }: Left): StoredLeft => [
  kind === 'discontinued' ? 0 : 1,
  on,
  at,
  order,
  message,
  to && encodeKey(to),
]

const decodeLeft = ([kind, on, at, order, message, to]: StoredLeft): Left => ({
  kind: LEFT[kind],
  on: on as IsoDate,
  at: at as Instant,
  order,
  message,
  to: to && decodeKey(to),
})

const encodeStanding = ({ now, leaving }: Standing): StoredEnrolment[4] =>
  now.kind === 'active' && leaving === null
    ? 0
    : [now.kind === 'active' ? null : encodeLeft(now), leaving && encodeLeft(leaving)]

const decodeStanding = (stored: StoredEnrolment[4]): Standing => {
  if (stored === 0) return ACTIVE
  const [now, leaving] = stored
  return { now: now ? decodeLeft(now) : ACTIVE.now, leaving: leaving && decodeLeft(leaving) }
}

const encodeComponents = (items: readonly FeeComponent[], words: Words): number[] => {
  const flat: number[] = []
  for (const { component_type, amount } of items) flat.push(words.indexOf(component_type), amount)
  return flat
}

const decodeComponents = (flat: readonly number[], words: readonly string[]): FeeComponent[] => {
  const items: FeeComponent[] = []
  for (let at = 0; at < flat.length; at += 2)
    items.push({ component_type: words[flat[at]!]!, amount: flat[at + 1] as Paise })
  return items
}

const encodeDiscounts = (discounts: readonly Discount[], words: Words): (number | string | null)[] =>
  discounts.flatMap(({ discount_id, component_type, amount, percent }) => [
    discount_id,
    words.indexOf(component_type),
    amount ?? null,
    percent ?? null,
  ])

const decodeDiscounts = (flat: StoredEnrolment[7], words: readonly string[]): Discount[] => {
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

const encodePayment = (
  { payment_id, amount, paid_on, collected_by, allocations }: Payment,
  words: Words,
): StoredPayment => [
  payment_id,
  amount,
  paid_on,
  collected_by === 'jodo' ? 1 : 0,
  allocations?.flatMap((item) => [words.indexOf(item.component_type), item.amount, item.reference_id ?? null]) ?? null,
]

const decodePayment = ([id, amount, paidOn, byJodo, flat]: StoredPayment, words: readonly string[]): Payment => ({
  payment_id: id,
  amount: amount as Paise,
  paid_on: paidOn as IsoDate,
  collected_by: byJodo === 1 ? 'jodo' : 'institute',
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

const encodeInstalment = (instalment: Instalment, words: Words): StoredInstalment => [
  instalment.due_date,
  instalment.reference_id ?? null,
  instalment.identifier ?? null,
  instalment.is_downpayment ?? null,
  encodeComponents(instalment.details, words),
]

const decodeInstalment = (
  [due, reference, identifier, isDownpayment, details]: StoredInstalment,
  words: readonly string[],
): Instalment => ({
  due_date: due as IsoDate,
  reference_id: reference ?? undefined,
  identifier: identifier ?? undefined,
  is_downpayment: isDownpayment ?? undefined,
  details: decodeComponents(details, words),
})
