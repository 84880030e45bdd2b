import { findMatch } from '../../../projections/answers/lookup.ts'
import { type EnrolmentStanding, statusOn } from '../../../projections/state/student.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { Instant, IsoDate, StudentId } from '../../../projections/values/ids.ts'
import type { StudentReading } from '../../audit/read-student.ts'
import type { Config } from '../../config/load.ts'
import { enrolmentText } from './suspect-reason-text.ts'

/** What a pull by the identifier alone would find. */
export const lookupText = ({ known }: StudentReading, identifier: StudentId, nowMs: number): string => {
  if (!known) return 'miss: not answered by the projection'
  if (known.answers.suspect) return 'suspect: not answered by the projection'
  const match = findMatch([{ id: identifier, enrolments: known.answers.enrolments }], {}, 'all', nowMs)
  if (match.kind === 'none') return 'miss: not answered by the projection'
  if (match.kind === 'ambiguous')
    return 'ambiguous: several active enrolments of that year; not answered by the projection'
  const { body, status } = match.phase
  const { grade, yearStart, collectorCode } = match.enrolment
  const of = `of ${enrolmentText({ grade, yearStart, collectorCode })}`
  if (body === null) return `incoherent, ${of}: not answered by the projection`
  return `${status === 'active' ? 200 : 422} ${of}`
}

export const todayIn = ({ timezone }: Config, nowMs: number): IsoDate =>
  calendarOf(timezone).dayOf(new Date(nowMs).toISOString().slice(0, 19) as Instant)

export const standingText = (standing: EnrolmentStanding, today: IsoDate): string => {
  const status = statusOn(standing, today)
  const now =
    status.kind === 'active'
      ? 'active'
      : `${status.kind} on ${status.on}${status.to ? ` to ${enrolmentText(status.to)}` : ''}`
  return standing.leaving && standing.leaving !== status
    ? `${now}, ${standing.leaving.kind} from ${standing.leaving.on}`
    : now
}
