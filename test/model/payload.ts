import { asIdentifier, code, date, flag, Invalid, list, must, oneOf, optional, record, text, unique } from './fields.ts'
import { type JsonObject, rawField } from './json.ts'
import { readDiscount, readFee, readFees, readPayment, readSchedule } from './payload-money.ts'
import type { Listed, MoneyChange, Payload, Place, Profile } from './types.ts'

type Reader = (data: JsonObject) => Payload

export const readPlace = (object: JsonObject): Place => ({
  branch: optional(code, object, 'collector_code'),
  grade: code(object, 'grade'),
  yearStart: code(object, 'academic_year_start'),
})

export const keyOf = (place: Place): string => JSON.stringify([place.branch, place.grade, place.yearStart])

/** Every student event names an identifier; all but the snapshot and the erasure name one enrolment too. */
const student = (data: JsonObject): JsonObject => {
  const named = record(data, 'student')
  must(asIdentifier(named['identifier']) !== null, 'identifier', 'must be 1–128 characters without controls')
  return named
}
const place = (data: JsonObject): Place => readPlace(student(data))

const readUser = (object: JsonObject, name: string) => {
  const user = record(object, name)
  return { name: text(user, 'name'), phone: code(user, 'phone') }
}

const PROFILE: { readonly [K in keyof Profile]: (data: JsonObject) => Profile[K] } = {
  fullname: (data) => text(data, 'fullname'),
  newAdmission: (data) => flag(data, 'new_admission'),
  contactName: (data) => text(data, 'primary_contact_name'),
  contactNumber: (data) => code(data, 'primary_contact_number'),
  contactEmail: (data) => text(data, 'primary_contact_email'),
  dateOfBirth: (data) => optional(date, data, 'date_of_birth'),
  customIdentifier: (data) => optional(code, data, 'custom_identifier'),
  user: (data) => optional(readUser, data, 'user'),
}
const WIRE: { readonly [K in keyof Profile]: string } = {
  fullname: 'fullname',
  newAdmission: 'new_admission',
  contactName: 'primary_contact_name',
  contactNumber: 'primary_contact_number',
  contactEmail: 'primary_contact_email',
  dateOfBirth: 'date_of_birth',
  customIdentifier: 'custom_identifier',
  user: 'user',
}

const readProfile = (data: JsonObject): Profile =>
  Object.fromEntries(Object.entries(PROFILE).map(([name, read]) => [name, read(data)])) as Profile

/** Only what is mentioned changes; a null mentions: it removes an optional field, and fails to be a required one. */
const readChanges = (data: JsonObject): Partial<Profile> =>
  Object.fromEntries(
    Object.entries(PROFILE)
      .filter(([name]) => rawField(data, WIRE[name as keyof Profile]) !== undefined)
      .map(([name, read]) => [name, read(data)]),
  )

const readTransfer: Reader = (data) => {
  const from = place(data)
  const to = record(data, 'to')
  const noBranch = rawField(to, 'collector_code') === null
  const target: Place = {
    branch: noBranch ? null : (optional(code, to, 'collector_code') ?? from.branch),
    grade: optional(code, to, 'grade') ?? from.grade,
    yearStart: optional(code, to, 'academic_year_start') ?? from.yearStart,
  }
  must(keyOf(target) !== keyOf(from), 'to', 'must name another enrolment')
  const yearEnd = optional(code, to, 'academic_year_end')
  return { type: 'transferred', place: from, to: target, yearEnd, message: optional(text, data, 'message') }
}

const readListed = (object: JsonObject): Listed => {
  const fees = optional(readFees, object, 'fee_components')
  return {
    place: readPlace(object),
    yearEnd: code(object, 'academic_year_end'),
    profile: readProfile(object),
    status: oneOf(object, 'status', ['active', 'discontinued', 'transferred']),
    effectiveOn: optional(date, object, 'effective_on'),
    message: optional(text, object, 'message'),
    money: {
      assessed: fees !== null,
      awaitsSnapshot: false,
      fees: fees ?? [],
      discounts: optional((at, name) => list(at, name, readDiscount), object, 'discounts') ?? [],
      payments: optional((at, name) => list(at, name, readPayment), object, 'payments') ?? [],
      schedule: optional(readSchedule, object, 'payment_schedule'),
    },
  }
}

const readSnapshot: Reader = (data) => {
  student(data)
  const listed = list(data, 'enrolments', readListed)
  unique(
    'enrolments',
    listed.map((enrolment) => keyOf(enrolment.place)),
  )
  for (const { money } of listed) {
    unique(
      'discount_id',
      money.discounts.map((discount) => discount.id),
    )
    unique(
      'payment_id',
      money.payments.map((payment) => payment.id),
    )
  }
  return { type: 'snapshot', listed }
}

const money =
  (read: (data: JsonObject) => MoneyChange): Reader =>
  (data) => ({ type: 'money', place: place(data), change: read(data) })

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'erp.student.enrolled.v1',
    (data) => ({
      type: 'enrolled',
      place: place(data),
      yearEnd: code(record(data, 'student'), 'academic_year_end'),
      profile: readProfile(data),
    }),
  ],
  ['erp.student.updated.v1', (data) => ({ type: 'updated', place: place(data), changes: readChanges(data) })],
  [
    'erp.student.discontinued.v1',
    (data) => ({
      type: 'discontinued',
      place: place(data),
      effectiveOn: optional(date, data, 'effective_on'),
      message: optional(text, data, 'message'),
    }),
  ],
  ['erp.student.reinstated.v1', (data) => ({ type: 'reinstated', place: place(data) })],
  ['erp.student.transferred.v1', readTransfer],
  ['erp.fees.assessed.v1', money((data) => ({ type: 'fees.assessed', fees: readFees(data, 'fee_components') }))],
  ['erp.fee.changed.v1', money((data) => ({ type: 'fee.changed', fee: readFee(data) }))],
  ['erp.fee.removed.v1', money((data) => ({ type: 'fee.removed', component: code(data, 'component_type') }))],
  ['erp.discount.granted.v1', money((data) => ({ type: 'discount.granted', discount: readDiscount(data) }))],
  ['erp.discount.revoked.v1', money((data) => ({ type: 'discount.revoked', id: code(data, 'discount_id') }))],
  ['erp.payment.recorded.v1', money((data) => ({ type: 'payment.recorded', payment: readPayment(data) }))],
  [
    'erp.payment.reversed.v1',
    money((data) => {
      optional(text, data, 'reason')
      return { type: 'payment.reversed', id: code(data, 'payment_id') }
    }),
  ],
  [
    'erp.schedule.set.v1',
    money((data) => ({ type: 'schedule.set', schedule: readSchedule(data, 'payment_schedule') })),
  ],
  ['erp.schedule.cleared.v1', money(() => ({ type: 'schedule.cleared' }))],
  ['erp.student.snapshot.v1', readSnapshot],
  [
    'erp.student.erased.v1',
    (data) => {
      student(data)
      return { type: 'erased' }
    },
  ],
])

export const isKnown = (type: string): boolean => READERS.has(type)

/** The payload, or null when the data breaks a rule. */
export const readPayload = (type: string, data: JsonObject): Payload | null => {
  try {
    return READERS.get(type)?.(data) ?? null
  } catch (error) {
    if (error instanceof Invalid) return null
    throw error
  }
}
