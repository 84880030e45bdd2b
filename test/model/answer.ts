import { allocate } from './allocate.ts'
import { type DueFault, dueOn } from './due.ts'
import { writeRupees } from './money.ts'
import { standingOn } from './standing.ts'
import type { Enrolment, Instalment, Policy, Profile } from './types.ts'

export type Answer =
  | { readonly status: 200; readonly body: string }
  | {
      readonly status: 422
      readonly code: 'student_discontinued' | 'student_transferred'
      /** Only where the event gave one. */
      readonly message?: string
    }
  | 'incoherent'

/** Why there is no answer with money. */
export type Wanting = 'unsettled' | 'not_assessed' | DueFault

/** What an answer with money wants; empty for a coherent enrolment. */
export const wantingOn = ({ money, unsettled }: Enrolment, day: string): readonly Wanting[] => [
  ...(unsettled.length > 0 ? ['unsettled' as const] : []),
  ...(money.assessed ? [] : ['not_assessed' as const]),
  ...dueOn(money, day).faults,
]

export const answerOf = (identifier: string, enrolment: Enrolment, policy: Policy, day: string): Answer => {
  const standing = standingOn(enrolment, day)
  if (standing.kind !== 'active') {
    const code = standing.kind === 'transferred' ? 'student_transferred' : 'student_discontinued'
    return { status: 422, code, ...(standing.message === null ? {} : { message: standing.message }) }
  }
  if (wantingOn(enrolment, day).length > 0) return 'incoherent'
  return { status: 200, body: bodyOf(identifier, enrolment, policy, day) }
}

type Member = readonly [name: string, json: string | null]

/** A JSON object of the members that are known, in this order. */
const object = (...members: Member[]): string =>
  `{${members.flatMap(([name, json]) => (json === null ? [] : [`"${name}":${json}`])).join(',')}}`

const list = (items: readonly string[]): string => `[${items.join(',')}]`

const word = (value: string | boolean | null): string | null => (value === null ? null : JSON.stringify(value))

const bodyOf = (identifier: string, enrolment: Enrolment, policy: Policy, day: string): string => {
  const due = allocate(dueOn(enrolment.money, day), enrolment.money.payments, policy)
  const { user } = enrolment.profile
  const components = due.components.map(({ component, amount }) =>
    object(['component_type', word(component)], ['fee_amount', writeRupees(amount)]),
  )
  const data = object(
    ['student', studentOf(identifier, enrolment, enrolment.profile)],
    ['fee_components', list(components)],
    ['payment_schedule', due.schedule === null ? null : scheduleOf(due.schedule, policy)],
    ['user', user === null ? null : object(['name', word(user.name)], ['phone', word(user.phone)])],
  )
  return object(['status', '"success"'], ['data', data])
}

const studentOf = (identifier: string, { place, yearEnd }: Enrolment, profile: Profile): string =>
  object(
    ['fullname', word(profile.fullname)],
    ['identifier', word(identifier)],
    ['collector_code', word(place.branch)],
    ['grade', word(place.grade)],
    ['new_admission', word(profile.newAdmission)],
    ['academic_year_start', word(place.yearStart)],
    ['academic_year_end', word(yearEnd)],
    ['date_of_birth', word(profile.dateOfBirth)],
    ['primary_contact_name', word(profile.contactName)],
    ['primary_contact_number', word(profile.contactNumber)],
    ['primary_contact_email', word(profile.contactEmail)],
  )

/** `omit` drops details of which nothing is left, and entries left without details. */
const scheduleOf = (schedule: readonly Instalment[], { paid_instalments }: Policy): string => {
  const entries = schedule.map((entry) => ({
    ...entry,
    details: entry.details.filter((detail) => paid_instalments === 'zero' || detail.amount > 0n),
  }))
  return list(
    entries
      .filter((entry) => entry.details.length > 0)
      .map((entry) =>
        object(
          ['due_date', word(entry.dueDate)],
          ['reference_id', word(entry.referenceId)],
          ['identifier', word(entry.identifier)],
          ['is_downpayment', word(entry.isDownpayment)],
          [
            'details',
            list(
              entry.details.map((detail) =>
                object(['component_type', word(detail.component)], ['amount', writeRupees(detail.amount)]),
              ),
            ),
          ],
        ),
      ),
  )
}
