import type { EnrolmentKey } from '../events/enrolment-key.ts'
import type { Profile } from '../events/event.ts'
import type { Instant, IsoDate } from '../values/ids.ts'
import {
  decodeCharges,
  decodeComponents,
  decodeDiscounts,
  decodeInstalment,
  decodePayment,
  encodeCharges,
  encodeComponents,
  encodeDiscounts,
  encodeInstalment,
  encodePayment,
  type StoredCharges,
  type StoredComponents,
  type StoredDiscounts,
  type StoredInstalment,
  type StoredPayment,
  type Words,
} from './stored-money.ts'
import { ACTIVE, type Enrolment, type EnrolmentStanding, type Left } from './student.ts'
import { decodeUnsettled, encodeUnsettled } from './unsettled.ts'

/**
 * The stored form of an enrolment. Fields have positions instead of names, and each component type and publisher is
 * stored once for a student (`Words`), because schedules repeat them. It takes a third of the bytes and half of the
 * time of named objects. `null` stands for absent; lists of equal items are flat.
 */

type StoredKey = readonly [grade: string, yearStart: string, collectorCode: string | null]

type StoredLeft = readonly [
  kind: 0 | 1,
  on: string,
  isDated: 0 | 1,
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

export type StoredEnrolment = readonly [
  key: StoredKey,
  yearEnd: string,
  owner: number,
  profile: StoredProfile,
  /** `0`: active. */
  standing: 0 | readonly [now: StoredLeft | null, leaving: StoredLeft | null],
  unsettled: readonly number[],
  isCopy: 0 | 1,
  cameFrom: readonly StoredKey[],
  changedOn: string | null,
  changeNumber: number,
  fees: StoredComponents | null,
  discounts: StoredDiscounts,
  charges: StoredCharges,
  payments: readonly StoredPayment[],
  schedule: readonly StoredInstalment[] | null,
]

export const encodeEnrolment = (enrolment: Enrolment, words: Words): StoredEnrolment => [
  encodeKey(enrolment.key),
  enrolment.yearEnd,
  words.indexOf(enrolment.owner),
  encodeProfile(enrolment.profile),
  encodeStanding(enrolment.standing),
  encodeUnsettled(enrolment.unsettled),
  enrolment.isCopy ? 1 : 0,
  enrolment.cameFrom.map(encodeKey),
  enrolment.changedOn,
  enrolment.changeNumber,
  enrolment.fees && encodeComponents(enrolment.fees, words),
  encodeDiscounts(enrolment.discounts, words),
  encodeCharges(enrolment.charges, words),
  enrolment.payments.map((payment) => encodePayment(payment, words)),
  enrolment.schedule?.map((instalment) => encodeInstalment(instalment, words)) ?? null,
]

export const decodeEnrolment = (stored: StoredEnrolment, words: readonly string[]): Enrolment => {
  const [key, yearEnd, owner, profile, standing, unsettled, isCopy, cameFrom, changedOn, ...rest] = stored
  const [changeNumber, fees, discounts, charges, payments, schedule] = rest
  return {
    key: decodeKey(key),
    yearEnd,
    owner: words[owner]!,
    profile: decodeProfile(profile),
    standing: decodeStanding(standing),
    fees: fees && decodeComponents(fees, words),
    unsettled: decodeUnsettled(unsettled),
    isCopy: isCopy === 1,
    cameFrom: cameFrom.map(decodeKey),
    changedOn: changedOn as IsoDate | null,
    changeNumber,
    discounts: decodeDiscounts(discounts, words),
    charges: decodeCharges(charges, words),
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

const encodeLeft = ({ kind, on, isDated, at, order, message, to }: Left): StoredLeft => [
  kind === 'discontinued' ? 0 : 1,
  on,
  isDated ? 1 : 0,
  at,
  order,
  message,
  to && encodeKey(to),
]

const decodeLeft = ([kind, on, isDated, at, order, message, to]: StoredLeft): Left => ({
  kind: LEFT[kind],
  on: on as IsoDate,
  isDated: isDated === 1,
  at: at as Instant,
  order,
  message,
  to: to && decodeKey(to),
})

const encodeStanding = ({ now, leaving }: EnrolmentStanding): StoredEnrolment[4] =>
  now.kind === 'active' && leaving === null
    ? 0
    : [now.kind === 'active' ? null : encodeLeft(now), leaving && encodeLeft(leaving)]

const decodeStanding = (stored: StoredEnrolment[4]): EnrolmentStanding => {
  if (stored === 0) return ACTIVE
  const [now, leaving] = stored
  return { now: now ? decodeLeft(now) : ACTIVE.now, leaving: leaving && decodeLeft(leaving) }
}
