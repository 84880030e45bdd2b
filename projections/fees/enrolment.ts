import { type EnrolmentKey, keyOf, sameKey } from '../events/enrolment-key.ts'
import type { EventData, Fact, Profile } from '../events/event.ts'
import { changesIn, targetOf } from '../events/scope-of.ts'
import type { SingleFact } from '../events/single-facts.ts'
import { ACTIVE, type Enrolment, findEnrolment, NO_MONEY, type Student } from '../state/student.ts'
import { settledByLeaving, withDoubt } from '../state/unsettled.ts'
import { type Context, changed, type Effect, NO_EFFECT, ORPHAN, profileOf, put } from './effect.ts'
import { discontinue, doubtOnReturn, isTransferred, reinstate } from './leaving.ts'
import { changeMoney } from './money-facts.ts'
import { replaceBySnapshot } from './snapshot.ts'
import { transfer } from './transfer.ts'

/** Erasure and snapshots reach beyond the enrolments: `fold.ts` does what they do to the order of things. */
export const effectOf = (
  student: Student,
  fact: Exclude<Fact, { type: 'erp.student.erased.v1' }>,
  context: Context,
): Effect => {
  const effect =
    fact.type === 'erp.student.snapshot.v1'
      ? changed(replaceBySnapshot(student, fact.data, context))
      : changeAll(student, changesIn(fact), context)
  return effect.kind === 'changed' ? changed(stamped(effect.student, student, context)) : effect
}

/** Gives each changed enrolment the number of the change, and its day where the answer depends on the day. */
const stamped = (student: Student, before: Student, { time, calendar }: Context): Student => {
  const unchanged = new Set(before.enrolments)
  const changeNumber = student.changes + 1
  const enrolments = student.enrolments.map((enrolment) =>
    unchanged.has(enrolment)
      ? enrolment
      : { ...enrolment, changedOn: hasDays(enrolment) ? calendar.dayOf(time) : null, changeNumber },
  )
  return { ...student, changes: changeNumber, enrolments }
}

const hasDays = ({ charges, standing }: Enrolment): boolean =>
  standing.leaving !== null || charges.some(({ effective_on }) => effective_on !== undefined)

/** All changes or none: the first that cannot have its effect decides for all. */
const changeAll = (student: Student, changes: readonly SingleFact[], context: Context): Effect => {
  let reached: Effect = NO_EFFECT
  let changedSoFar = student
  for (const change of changes) {
    const effect = changeOne(changedSoFar, change, context)
    if (effect.kind === 'orphan' || effect.kind === 'poison') return effect
    if (effect.kind === 'none') continue
    reached = effect
    changedSoFar = effect.student
  }
  return reached
}

/** The first enrolment that an event needs and that neither exists nor is made by an earlier change of the event. */
export const missingEnrolment = (student: Student, fact: Fact): EnrolmentKey | null => {
  const made: EnrolmentKey[] = []
  for (const change of changesIn(fact)) {
    const key = keyOf(change.data.student)
    const isMade = made.some((one) => sameKey(one, key))
    if (change.type === 'erp.student.enrolled.v1') made.push(key)
    else if (!isMade && !findEnrolment(student.enrolments, key)) return key
    if (change.type === 'erp.student.transferred.v1') made.push(targetOf(key, change.data.to))
  }
  return null
}

const changeOne = (student: Student, change: SingleFact, context: Context): Effect => {
  if (change.type === 'erp.student.enrolled.v1') return changed(enrol(student, change.data, context))
  const enrolment = findEnrolment(student.enrolments, keyOf(change.data.student))
  if (!enrolment) return ORPHAN
  switch (change.type) {
    case 'erp.student.updated.v1':
      return changed(put(student, { ...enrolment, profile: updatedProfile(enrolment.profile, change.data) }))
    case 'erp.student.discontinued.v1':
      return discontinue(student, enrolment, change.data, context)
    case 'erp.student.reinstated.v1':
      return reinstate(student, enrolment)
    case 'erp.student.transferred.v1':
      return transfer(student, enrolment, change.data, context)
    default: {
      if (isTransferred(enrolment)) return { kind: 'poison', detail: 'transferred_away' }
      const moved = changeMoney(enrolment, change)
      return moved === null ? NO_EFFECT : changed(put(student, moved))
    }
  }
}

/** Creates an enrolment, or updates its profile; the money is unchanged. */
const enrol = (student: Student, data: EventData<'erp.student.enrolled.v1'>, context: Context): Student => {
  const { source, time, calendar } = context
  const told = { yearEnd: data.student.academic_year_end, owner: source, profile: profileOf(data), isCopy: false }
  const key = keyOf(data.student)
  const known = findEnrolment(student.enrolments, key)
  if (!known) return put(student, { ...NEW_ENROLMENT, ...told, key })
  const doubt = doubtOnReturn(known, calendar.dayOf(time))
  const returned: Enrolment =
    doubt === null
      ? known
      : { ...known, standing: ACTIVE, unsettled: withDoubt(settledByLeaving(known.unsettled), doubt) }
  const isTaken = known.isCopy && known.owner !== source
  const unsettled = isTaken ? withDoubt(returned.unsettled, 'enrolled_elsewhere') : returned.unsettled
  return put(student, { ...returned, ...told, unsettled })
}

const NEW_ENROLMENT = {
  ...NO_MONEY,
  standing: ACTIVE,
  unsettled: [],
  cameFrom: [],
  changedOn: null,
  changeNumber: 0,
} as const

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

/** Absent keeps, `null` removes. */
const patched = <T>(next: T | null | undefined, known: T | undefined): T | undefined =>
  next === undefined ? known : (next ?? undefined)
