import { code, date, list, oneOf, optional, text, unique } from './fields.ts'
import type { JsonObject } from './json.ts'
import { readCharge, readDiscount, readFees, readPayment, readSchedule } from './payload-money.ts'
import { keyOf, readPlace } from './payload-place.ts'
import { readProfile } from './payload-profile.ts'
import type { Listed } from './types.ts'

const many =
  <T>(read: (item: JsonObject) => T) =>
  (object: JsonObject, name: string): T[] =>
    list(object, name, read)

const readOne = (object: JsonObject): Listed => {
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
      fees: fees ?? [],
      discounts: optional(many(readDiscount), object, 'discounts') ?? [],
      charges: optional(many(readCharge), object, 'charges') ?? [],
      payments: optional(many(readPayment), object, 'payments') ?? [],
      schedule: optional(readSchedule, object, 'payment_schedule'),
    },
  }
}

/** The enrolments of a snapshot. */
export const readListed = (object: JsonObject, name: string): Listed[] => {
  const listed = list(object, name, readOne)
  unique(
    'enrolments',
    listed.map(({ place }) => keyOf(place)),
  )
  for (const { money } of listed) {
    for (const kind of ['discounts', 'charges', 'payments'] as const) {
      unique(
        kind,
        money[kind].map(({ id }) => id),
      )
    }
  }
  return listed
}
