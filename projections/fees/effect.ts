import { type EnrolmentKey, sameKey } from '../events/enrolment-key.ts'
import type { Profile } from '../events/event.ts'
import type { Enrolment, Student } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { Instant } from '../values/ids.ts'

/**
 * What one fact does to a student's enrolments, once it is its turn. `none`: accepted, but there was nothing to do.
 * `orphan`: its enrolment does not exist. `poison`: it contradicts what is known.
 */
export type Effect =
  | { readonly kind: 'changed'; readonly student: Student }
  | { readonly kind: 'none' }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'poison'; readonly detail: 'transferred_away' | 'not_active' }

/** Who says a fact, and when. */
export type Context = {
  readonly source: string
  readonly time: Instant
  readonly calendar: Calendar
}

export const NO_EFFECT: Effect = { kind: 'none' }
export const ORPHAN: Effect = { kind: 'orphan' }

export const changed = (student: Student): Effect => ({ kind: 'changed', student })

/** The enrolment takes the place of the one with its key, or comes last. */
export const put = (student: Student, enrolment: Enrolment): Student => {
  const index = student.enrolments.findIndex((known) => sameKey(known.key, enrolment.key))
  const enrolments = index < 0 ? [...student.enrolments, enrolment] : student.enrolments.with(index, enrolment)
  return { ...student, enrolments }
}

export const withKey = (keys: readonly EnrolmentKey[], added: EnrolmentKey): readonly EnrolmentKey[] =>
  keys.some((key) => sameKey(key, added)) ? keys : [...keys, added]

export const profileOf = (data: Profile): Profile => ({
  fullname: data.fullname,
  new_admission: data.new_admission,
  primary_contact_name: data.primary_contact_name,
  primary_contact_number: data.primary_contact_number,
  primary_contact_email: data.primary_contact_email,
  date_of_birth: data.date_of_birth,
  custom_identifier: data.custom_identifier,
  user: data.user,
})
