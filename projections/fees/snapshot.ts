import { type EnrolmentKey, keyOf, sameKey } from '../events/enrolment-key.ts'
import type { EventData, SnapshotEnrolment } from '../events/event.ts'
import { type Enrolment, findEnrolment, type Student } from '../state/student.ts'
import { type Context, profileOf, withKey } from './effect.ts'
import { listedStanding } from './leaving.ts'

/**
 * A snapshot replaces what belongs to its source, or to one that it replaces, by what it lists, and takes over what it
 * lists from whomever it belonged to.
 */
export const replaceBySnapshot = (
  student: Student,
  { enrolments: listed, replaces }: EventData<'erp.student.snapshot.v1'>,
  context: Context,
): Student => {
  const { source } = context
  const keys = listed.map(keyOf)
  const names = new Set(keys.map(nameOf))
  const isListed = ({ key }: Enrolment): boolean => names.has(nameOf(key))
  const byName = new Map(student.enrolments.map((known) => [nameOf(known.key), known]))
  const replaced = new Set([source, ...(replaces ?? [])])
  const activeKeys = keys.filter((_, index) => listed[index]!.status === 'active')
  const stays = (known: Enrolment): boolean => {
    if (isListed(known)) return false
    if (!replaced.has(known.owner)) return true
    return known.isCopy && known.owner === source && !cameFromAny(student, known, activeKeys)
  }
  const kept = student.enrolments.filter(stays)
  const taken = listed.map((item, index) => {
    const key = keys[index]!
    return listedEnrolment(item, key, byName.get(nameOf(key)), student.leavings + index, context)
  })
  const stayed = new Set(kept)
  const gone = student.enrolments.filter((known) => !isListed(known) && !stayed.has(known))
  return {
    ...student,
    enrolments: [...kept, ...taken].map((enrolment) => withoutGone(enrolment, gone)),
    leavings: student.leavings + listed.length,
  }
}

const nameOf = ({ grade, yearStart, collectorCode }: EnrolmentKey): string =>
  JSON.stringify([grade, yearStart, collectorCode])

const listedEnrolment = (
  item: SnapshotEnrolment,
  key: EnrolmentKey,
  known: Enrolment | undefined,
  order: number,
  context: Context,
): Enrolment => ({
  key,
  yearEnd: item.academic_year_end,
  owner: context.source,
  profile: profileOf(item),
  ...listedStanding(item, known, context, order),
  fees: item.fee_components ?? null,
  discounts: item.discounts ?? [],
  charges: item.charges ?? [],
  payments: item.payments ?? [],
  schedule: item.payment_schedule ?? null,
  isCopy: false,
  cameFrom: known?.cameFrom ?? [],
  changedOn: null,
  changeNumber: 0,
})

/** Whether transfers, one or several, led from one of these enrolments to the copy. */
const cameFromAny = (student: Student, copy: Enrolment, keys: readonly EnrolmentKey[]): boolean => {
  let reached = copy.cameFrom
  for (let at = 0; at < reached.length; at += 1) {
    const further = findEnrolment(student.enrolments, reached[at]!)?.cameFrom ?? []
    reached = further.reduce(withKey, reached)
  }
  return reached.some((key) => keys.some((one) => sameKey(one, key)))
}

/** An enrolment that is known no more leaves to its copies where they came from. */
const withoutGone = (enrolment: Enrolment, gone: readonly Enrolment[]): Enrolment => {
  if (enrolment.cameFrom.length === 0) return enrolment
  const lost = gone.find(({ key }) => enrolment.cameFrom.some((from) => sameKey(from, key)))
  if (!lost) return enrolment
  const rest = enrolment.cameFrom.filter((from) => !sameKey(from, lost.key))
  const cameFrom = lost.cameFrom.filter((from) => !sameKey(from, enrolment.key)).reduce(withKey, rest)
  return withoutGone(
    { ...enrolment, cameFrom },
    gone.filter((one) => one !== lost),
  )
}
