import type { EventData, Fact, Profile, SnapshotEnrolment } from '../events/event.ts'
import {
  ACTIVE,
  type Enrolment,
  type EnrolmentKey,
  type EnrolmentStanding,
  findEnrolment,
  type Left,
  type Student,
  sameKey,
  statusOn,
} from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { Instant, IsoDate } from '../values/ids.ts'
import { changeMoney } from './money-facts.ts'

/**
 * What one fact does to a student's enrolments, once it is its turn. `none`: accepted, but there was nothing to do.
 * `orphan`: its enrolment does not exist. `poison`: it contradicts what is known.
 */
export type Effect =
  | { readonly kind: 'changed'; readonly student: Student }
  | { readonly kind: 'none' }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'poison'; readonly detail: 'transferred_away' | 'not_active' }

type Context = { readonly source: string; readonly time: Instant; readonly calendar: Calendar }

/** Facts that speak of one existing enrolment. */
type EnrolmentFact = Exclude<
  Fact,
  { type: 'erp.student.enrolled.v1' | 'erp.student.snapshot.v1' | 'erp.student.erased.v1' }
>

export const keyOf = (ref: {
  readonly grade: string
  readonly academic_year_start: string
  readonly collector_code?: string | undefined
}): EnrolmentKey => ({
  grade: ref.grade,
  yearStart: ref.academic_year_start,
  collectorCode: ref.collector_code ?? null,
})

/** Erasure and snapshots reach beyond the enrolments: `fold.ts` does what they do to the order of things. */
export const effectOf = (
  student: Student,
  fact: Exclude<Fact, { type: 'erp.student.erased.v1' }>,
  context: Context,
): Effect => {
  if (fact.type === 'erp.student.enrolled.v1') return changed(enrol(student, fact.data, context.source))
  if (fact.type === 'erp.student.snapshot.v1') return changed(replaceBySnapshot(student, fact.data.enrolments, context))
  const enrolment = findEnrolment(student.enrolments, keyOf(fact.data.student))
  return enrolment ? change(student, enrolment, fact, context) : { kind: 'orphan' }
}

const changed = (student: Student): Effect => ({ kind: 'changed', student })

const profileOf = (data: Profile): Profile => ({
  fullname: data.fullname,
  new_admission: data.new_admission,
  primary_contact_name: data.primary_contact_name,
  primary_contact_number: data.primary_contact_number,
  primary_contact_email: data.primary_contact_email,
  date_of_birth: data.date_of_birth,
  custom_identifier: data.custom_identifier,
  user: data.user,
})

const put = (student: Student, enrolment: Enrolment): Student => {
  const index = student.enrolments.findIndex((known) => sameKey(known.key, enrolment.key))
  const enrolments = index < 0 ? [...student.enrolments, enrolment] : student.enrolments.with(index, enrolment)
  return { ...student, enrolments }
}

const wasTransferred = (enrolment: Enrolment): boolean => enrolment.standing.now.kind === 'transferred'

const enrol = (student: Student, data: EventData<'erp.student.enrolled.v1'>, owner: string): Student => {
  const key = keyOf(data.student)
  const known = findEnrolment(student.enrolments, key)
  const money = known ?? { fees: null, discounts: [], payments: [], schedule: null, needsSnapshot: false }
  return put(student, {
    key,
    yearEnd: data.student.academic_year_end,
    owner,
    profile: profileOf(data),
    standing: ACTIVE,
    fees: money.fees,
    needsSnapshot: money.needsSnapshot || (known !== undefined && wasTransferred(known)),
    discounts: money.discounts,
    payments: money.payments,
    schedule: money.schedule,
  })
}

/** The source's own enrolments are replaced by the listed ones, and what is listed is taken over from whom it belonged to. */
const replaceBySnapshot = (
  student: Student,
  listed: readonly SnapshotEnrolment[],
  { source, time, calendar }: Context,
): Student => {
  const keys = listed.map(keyOf)
  const others = student.enrolments.filter(
    (enrolment) => enrolment.owner !== source && !keys.some((key) => sameKey(key, enrolment.key)),
  )
  const today = calendar.dayOf(time)
  const enrolments = listed.map(
    (item, index): Enrolment => ({
      key: keyOf(item),
      yearEnd: item.academic_year_end,
      owner: source,
      profile: profileOf(item),
      standing: listedStanding(item, today, time, student.leavings + index),
      fees: item.fee_components ?? null,
      needsSnapshot: false,
      discounts: item.discounts ?? [],
      payments: item.payments ?? [],
      schedule: item.payment_schedule ?? null,
    }),
  )
  return { ...student, enrolments: [...others, ...enrolments], leavings: student.leavings + listed.length }
}

const listedStanding = (item: SnapshotEnrolment, today: IsoDate, at: Instant, order: number): EnrolmentStanding => {
  if (item.status === 'active') return ACTIVE
  const left: Left = {
    kind: item.status,
    on: item.effective_on ?? today,
    at,
    order,
    message: item.message ?? null,
    to: null,
  }
  return item.status === 'discontinued' && item.effective_on
    ? { now: ACTIVE.now, leaving: left }
    : { now: left, leaving: null }
}

const change = (student: Student, enrolment: Enrolment, fact: EnrolmentFact, context: Context): Effect => {
  switch (fact.type) {
    case 'erp.student.updated.v1':
      return changed(put(student, { ...enrolment, profile: updatedProfile(enrolment.profile, fact.data) }))
    case 'erp.student.discontinued.v1':
      return discontinue(student, enrolment, fact.data, context)
    case 'erp.student.reinstated.v1':
      return changed(
        put(student, {
          ...enrolment,
          standing: ACTIVE,
          needsSnapshot: enrolment.needsSnapshot || wasTransferred(enrolment),
        }),
      )
    case 'erp.student.transferred.v1':
      return transfer(student, enrolment, fact.data, context)
    default:
      if (wasTransferred(enrolment)) return { kind: 'poison', detail: 'transferred_away' }
      return moneyEffect(student, changeMoney(enrolment, fact))
  }
}

const updatedProfile = (profile: Profile, data: EventData<'erp.student.updated.v1'>): Profile => ({
  fullname: data.fullname ?? profile.fullname,
  new_admission: data.new_admission ?? profile.new_admission,
  primary_contact_name: data.primary_contact_name ?? profile.primary_contact_name,
  primary_contact_number: data.primary_contact_number ?? profile.primary_contact_number,
  primary_contact_email: data.primary_contact_email ?? profile.primary_contact_email,
  date_of_birth: patched(data.date_of_birth, profile.date_of_birth),
  custom_identifier: patched(data.custom_identifier, profile.custom_identifier),
  user: patched(data.user, profile.user),
})

const moneyEffect = (student: Student, enrolment: Enrolment | null): Effect =>
  enrolment === null ? { kind: 'none' } : changed(put(student, enrolment))

/** Absent keeps, `null` removes. */
const patched = <T>(next: T | null | undefined, known: T | undefined): T | undefined =>
  next === undefined ? known : (next ?? undefined)

const discontinue = (
  student: Student,
  enrolment: Enrolment,
  data: EventData<'erp.student.discontinued.v1'>,
  { time, calendar }: Context,
): Effect => {
  if (wasTransferred(enrolment)) return changed(student)
  const today = calendar.dayOf(time)
  const left: Left = {
    kind: 'discontinued',
    on: data.effective_on ?? today,
    at: time,
    order: student.leavings,
    message: data.message ?? null,
    to: null,
  }
  const standing: EnrolmentStanding = data.effective_on
    ? { now: statusOn(enrolment.standing, today), leaving: left }
    : { now: left, leaving: null }
  return changed({ ...put(student, { ...enrolment, standing }), leavings: student.leavings + 1 })
}

/** One atomic step: the old enrolment is left and the new one payable in the same state. */
const transfer = (
  student: Student,
  from: Enrolment,
  data: EventData<'erp.student.transferred.v1'>,
  { source, time, calendar }: Context,
): Effect => {
  const to = {
    grade: data.to.grade ?? from.key.grade,
    yearStart: data.to.academic_year_start ?? from.key.yearStart,
    collectorCode: data.to.collector_code === undefined ? from.key.collectorCode : data.to.collector_code,
  }
  const today = calendar.dayOf(time)
  const status = statusOn(from.standing, today)
  if (status.kind === 'transferred' && status.to && sameKey(status.to, to)) return changed(student)
  if (status.kind !== 'active') return { kind: 'poison', detail: 'not_active' }

  const left: Left = {
    kind: 'transferred',
    on: today,
    at: time,
    order: student.leavings,
    message: data.message ?? null,
    to,
  }
  const target = findEnrolment(student.enrolments, to)
  const arrived: Enrolment =
    !target || wasTransferred(target)
      ? { ...from, key: to, yearEnd: data.to.academic_year_end ?? from.yearEnd, owner: source, standing: ACTIVE }
      : {
          ...target,
          standing: ACTIVE,
          needsSnapshot: target.needsSnapshot || statusOn(target.standing, today).kind === 'discontinued',
        }
  const gone = put(student, { ...from, standing: { now: left, leaving: null } })
  return changed({ ...put(gone, arrived), leavings: student.leavings + 1 })
}
