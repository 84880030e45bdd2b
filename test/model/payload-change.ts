import { code, date, optional, record, text } from './fields.ts'
import type { JsonObject } from './json.ts'
import { readCharge, readDiscount, readFee, readFees, readPayment, readSchedule } from './payload-money.ts'
import { readPlace, readTarget } from './payload-place.ts'
import { readProfile, readProfileChanges } from './payload-profile.ts'
import type { Change, MoneyChange, Place } from './types.ts'

type Reader = (data: JsonObject, place: Place) => Change

const money =
  (read: (data: JsonObject) => MoneyChange): Reader =>
  (data, place) => ({ type: 'money', place, change: read(data) })

const readReversal = (data: JsonObject): MoneyChange => {
  optional(text, data, 'reason')
  return { type: 'payment.reversed', id: code(data, 'payment_id') }
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'erp.student.enrolled.v1',
    (data, place) => {
      const yearEnd = code(record(data, 'student'), 'academic_year_end')
      return { type: 'enrolled', place, yearEnd, profile: readProfile(data) }
    },
  ],
  ['erp.student.updated.v1', (data, place) => ({ type: 'updated', place, changes: readProfileChanges(data) })],
  [
    'erp.student.discontinued.v1',
    (data, place) => ({
      type: 'discontinued',
      place,
      effectiveOn: optional(date, data, 'effective_on'),
      message: optional(text, data, 'message'),
    }),
  ],
  ['erp.student.reinstated.v1', (_, place) => ({ type: 'reinstated', place })],
  [
    'erp.student.transferred.v1',
    (data, place) => ({
      type: 'transferred',
      place,
      to: readTarget(data),
      yearEnd: optional(code, record(data, 'to'), 'academic_year_end'),
      message: optional(text, data, 'message'),
    }),
  ],
  ['erp.fees.assessed.v1', money((data) => ({ type: 'fees.assessed', fees: readFees(data, 'fee_components') }))],
  ['erp.fee.changed.v1', money((data) => ({ type: 'fee.changed', fee: readFee(data) }))],
  ['erp.fee.removed.v1', money((data) => ({ type: 'fee.removed', component: code(data, 'component_type') }))],
  ['erp.discount.granted.v1', money((data) => ({ type: 'discount.granted', discount: readDiscount(data) }))],
  ['erp.discount.revoked.v1', money((data) => ({ type: 'discount.revoked', id: code(data, 'discount_id') }))],
  ['erp.charge.added.v1', money((data) => ({ type: 'charge.added', charge: readCharge(data) }))],
  ['erp.charge.removed.v1', money((data) => ({ type: 'charge.removed', id: code(data, 'charge_id') }))],
  ['erp.payment.recorded.v1', money((data) => ({ type: 'payment.recorded', payment: readPayment(data) }))],
  ['erp.payment.reversed.v1', money(readReversal)],
  [
    'erp.schedule.set.v1',
    money((data) => ({ type: 'schedule.set', schedule: readSchedule(data, 'payment_schedule') })),
  ],
  ['erp.schedule.cleared.v1', money(() => ({ type: 'schedule.cleared' }))],
])

const OTHERS = ['erp.student.changed.v1', 'erp.student.snapshot.v1', 'erp.student.erased.v1']

export const isKnown = (type: string): boolean => READERS.has(type) || OTHERS.includes(type)

/** What is said of one enrolment; null where the type is none of these. */
export const readChange = (type: string, data: JsonObject): Change | null =>
  READERS.get(type)?.(data, readPlace(record(data, 'student'))) ?? null
