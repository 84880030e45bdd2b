import type { SnapshotEnrolment } from '../events/event.ts'
import type { SingleFact } from '../events/single-facts.ts'
import { ACTIVE, type Enrolment, type EnrolmentStanding, type Left, type Student, statusOn } from '../state/student.ts'
import { settledByLeaving, settledByReinstatement, type Unsettled, withDoubt } from '../state/unsettled.ts'
import type { IsoDate } from '../values/ids.ts'
import { type Context, changed, type Effect, put } from './effect.ts'

/** How an enrolment ends, and how it goes on after all. */

type DataOf<T extends SingleFact['type']> = Extract<SingleFact, { type: T }>['data']

export const isTransferred = (enrolment: Enrolment): boolean => enrolment.standing.now.kind === 'transferred'

/** A leaving with a day is announced for that day; before it the enrolment's status is unchanged. */
const standingOf = (left: Left): EnrolmentStanding =>
  left.isDated && left.kind === 'discontinued' ? { now: ACTIVE.now, leaving: left } : { now: left, leaving: null }

/** The last one replaces the former; none has an effect on an enrolment that was transferred away. */
export const discontinue = (
  student: Student,
  enrolment: Enrolment,
  data: DataOf<'erp.student.discontinued.v1'>,
  { time, calendar }: Context,
): Effect => {
  if (isTransferred(enrolment)) return changed(student)
  const left: Left = {
    kind: 'discontinued',
    on: data.effective_on ?? calendar.dayOf(time),
    isDated: data.effective_on !== undefined,
    at: time,
    order: student.leavings,
    message: data.message ?? null,
    to: null,
  }
  const unsettled = settledByLeaving(enrolment.unsettled)
  const ended = put(student, { ...enrolment, standing: standingOf(left), unsettled })
  return changed({ ...ended, leavings: student.leavings + 1 })
}

export const reinstate = (student: Student, enrolment: Enrolment): Effect => {
  const settled = settledByReinstatement(enrolment.unsettled)
  const unsettled = isTransferred(enrolment) ? withDoubt(settled, 'back_from_transfer') : settled
  return changed(put(student, { ...enrolment, standing: ACTIVE, unsettled }))
}

/** Whether an enrolment has left on a day, and why its money is in doubt once it is active again. */
export const doubtOnReturn = (enrolment: Enrolment, day: IsoDate): Unsettled | null => {
  const { kind } = statusOn(enrolment.standing, day)
  if (kind === 'active') return null
  return kind === 'transferred' ? 'back_from_transfer' : 'enrolled_after_leaving'
}

/** The leaving of that kind which is known, whether or not its day has come. */
const knownLeft = (known: Enrolment | undefined, kind: Left['kind']): Left | undefined => {
  if (!known) return undefined
  const { now, leaving } = known.standing
  if (leaving?.kind === kind) return leaving
  return now.kind === kind ? now : undefined
}

/** How a snapshot lists an enrolment. Without a day, a leaving keeps the day that was known. */
export const listedStanding = (
  item: SnapshotEnrolment,
  known: Enrolment | undefined,
  { time, calendar }: Pick<Context, 'time' | 'calendar'>,
  order: number,
): Pick<Enrolment, 'standing' | 'unsettled'> => {
  if (item.status === 'active') return { standing: ACTIVE, unsettled: [] }
  const before = knownLeft(known, item.status)
  const message = item.message ?? null
  if (before && item.effective_on === undefined) {
    // The list says that it has left, the announcement that it will leave: the status is unknown until that day.
    const disagrees = before.isDated && before.kind === 'discontinued' && before.on > calendar.dayOf(time)
    return { standing: standingOf({ ...before, message }), unsettled: disagrees ? ['leaving_disagrees'] : [] }
  }
  const left: Left = {
    kind: item.status,
    on: item.effective_on ?? calendar.dayOf(time),
    isDated: item.effective_on !== undefined,
    at: time,
    order,
    message,
    to: before?.to ?? null,
  }
  return { standing: standingOf(left), unsettled: [] }
}
