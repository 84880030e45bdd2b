import { sameKey } from '../events/enrolment-key.ts'
import { targetOf } from '../events/scope-of.ts'
import type { SingleFact } from '../events/single-facts.ts'
import {
  ACTIVE,
  type Enrolment,
  findEnrolment,
  hasMoney,
  type Left,
  NO_MONEY,
  type Student,
  statusOn,
} from '../state/student.ts'
import { SETTLED, type Unsettled, withDoubt } from '../state/unsettled.ts'
import { type Context, changed, type Effect, put, withKey } from './effect.ts'
import { isTransferred } from './leaving.ts'

/**
 * A transfer: one step in which the old enrolment is left and the target is active.
 *
 * | the target | within the academic year | into another year |
 * |---|---|---|
 * | does not exist | created with profile and money | created with the profile, no fees assessed |
 * | was transferred away | the same: the way back carries everything | active with its own money, unsettled |
 * | is active, of the transfer's source, without money | gets the money | left as it is |
 * | is active otherwise | keeps its own money, unsettled | left as it is |
 * | was discontinued | active with its own money, unsettled | active with its own money, unsettled |
 *
 * An announced leaving of the target ends in every case.
 */
type Data = Extract<SingleFact, { type: 'erp.student.transferred.v1' }>['data']

export const transfer = (
  student: Student,
  from: Enrolment,
  data: Data,
  { source, time, calendar }: Context,
): Effect => {
  const to = targetOf(from.key, data.to)
  const { now } = from.standing
  if (now.kind === 'transferred')
    return now.to && sameKey(now.to, to) ? changed(student) : { kind: 'poison', detail: 'not_active' }
  const today = calendar.dayOf(time)
  const target = findEnrolment(student.enrolments, to)
  const move: Move = {
    from,
    target,
    isTargetActive: target !== undefined && statusOn(target.standing, today).kind === 'active',
    isDoubtful: from.unsettled.length > 0 || statusOn(from.standing, today).kind !== 'active',
    copied: { ...from, key: to, yearEnd: data.to.academic_year_end ?? from.yearEnd, owner: source, isCopy: true },
  }
  const arrived = to.yearStart === from.key.yearStart ? withinYear(move) : intoOtherYear(move)
  const left: Left = {
    kind: 'transferred',
    on: today,
    isDated: false,
    at: time,
    order: student.leavings,
    message: data.message ?? null,
    to,
  }
  const gone = put(student, { ...from, standing: { now: left, leaving: null } })
  const cameFrom = withKey(target?.cameFrom ?? [], from.key)
  return changed({ ...put(gone, { ...arrived, standing: ACTIVE, cameFrom }), leavings: student.leavings + 1 })
}

type Move = {
  readonly from: Enrolment
  readonly target: Enrolment | undefined
  readonly isTargetActive: boolean
  /** The old enrolment was discontinued, or unsettled: so is a target that gets its money. */
  readonly isDoubtful: boolean
  /** The old enrolment in the target's place, of the transfer's source. */
  readonly copied: Enrolment
}

const withinYear = ({ from, target, isTargetActive, isDoubtful, copied }: Move): Enrolment => {
  const doubt = (known: readonly Unsettled[]): readonly Unsettled[] =>
    isDoubtful ? withDoubt(known, 'transferred_after_leaving') : known
  if (!target || isTransferred(target)) return { ...copied, unsettled: doubt(SETTLED) }
  if (!isTargetActive || target.owner !== copied.owner || hasMoney(target))
    return { ...target, unsettled: withDoubt(target.unsettled, 'transferred_into') }
  const { fees, discounts, charges, payments, schedule } = from
  return { ...target, fees, discounts, charges, payments, schedule, unsettled: doubt(target.unsettled) }
}

const intoOtherYear = ({ target, isTargetActive, copied }: Move): Enrolment => {
  if (!target) return { ...copied, ...NO_MONEY, unsettled: SETTLED }
  return isTargetActive ? target : { ...target, unsettled: withDoubt(target.unsettled, 'transferred_into') }
}
