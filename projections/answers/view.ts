import type { LogPosition } from '../events/event.ts'
import type { Policy } from '../fees/allocate.ts'
import { isSuspect } from '../sequence/suspect-reasons.ts'
import type { Enrolment, EnrolmentStatus, Left, Student } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { IsoDate, StudentId } from '../values/ids.ts'
import { answerFor } from './answer.ts'

/** What a pull needs of a student: finished answers, and the values by which a lookup finds them. */
/** Bodies are text where they are made and bytes where they are read. */
export type StudentAnswers<Body = string> = {
  readonly suspect: boolean
  readonly enrolments: readonly EnrolmentView<Body>[]
  /** The last event in the answers. */
  readonly last: LogPosition | null
  /** The publishers that have written to the student. */
  readonly sources: readonly string[]
}

export type EnrolmentView<Body = string> = {
  readonly grade: string
  readonly yearStart: string
  readonly yearEnd: string
  readonly collectorCode: string | null
  readonly customIdentifier: string | null
  readonly now: Phase<Body>
  /** An announced leaving changes the answer with no event: from this moment on (Unix milliseconds) it is `phase`. */
  readonly later: { readonly fromMs: number; readonly phase: Phase<Body> } | null
}

export type Phase<Body = string> = {
  readonly status: EnrolmentStatus['kind']
  readonly leftOn: IsoDate | null
  /** The rank among the student's leavings in the order in which they happened, from 1; 0: active. */
  readonly leftOrder: number
  /** `null`: the facts do not add up, so nothing is answered. */
  readonly body: Body | null
}

/** Deterministic: the same state, policy and calendar give the same bytes. */
export const viewOf = (student: Student, identifier: StudentId, policy: Policy, calendar: Calendar): StudentAnswers => {
  const leavings = leavingsOf(student.enrolments)
  const phase = (enrolment: Enrolment, status: EnrolmentStatus): Phase => {
    const answer = answerFor(enrolment, status, identifier, policy)
    return {
      status: status.kind,
      leftOn: status.kind === 'active' ? null : status.on,
      leftOrder: status.kind === 'active' ? 0 : leavings.indexOf(status) + 1,
      body: answer.kind === 'incoherent' ? null : answer.body,
    }
  }
  return {
    suspect: isSuspect(student),
    enrolments: student.enrolments.map((enrolment) => enrolmentView(enrolment, phase, calendar)),
    last: student.last,
    sources: [...student.sources.keys()],
  }
}

/** In the order in which they happened: publishers' events may arrive in another. */
const leavingsOf = (enrolments: readonly Enrolment[]): readonly Left[] => {
  const leavings: Left[] = []
  for (const { standing } of enrolments) {
    if (standing.now.kind !== 'active') leavings.push(standing.now)
    if (standing.leaving) leavings.push(standing.leaving)
  }
  return leavings.sort((a, b) => (a.at === b.at ? a.order - b.order : a.at < b.at ? -1 : 1))
}

const enrolmentView = (
  enrolment: Enrolment,
  phaseOf: (enrolment: Enrolment, status: EnrolmentStatus) => Phase,
  calendar: Calendar,
): EnrolmentView => {
  const { now, leaving } = enrolment.standing
  return {
    grade: enrolment.key.grade,
    yearStart: enrolment.key.yearStart,
    yearEnd: enrolment.yearEnd,
    collectorCode: enrolment.key.collectorCode,
    customIdentifier: enrolment.profile.custom_identifier ?? null,
    now: phaseOf(enrolment, now),
    later: leaving && {
      fromMs: calendar.startOf(leaving.on),
      phase: phaseOf(enrolment, leaving),
    },
  }
}

export const phaseAt = <Body>(enrolment: EnrolmentView<Body>, nowMs: number): Phase<Body> =>
  enrolment.later && nowMs >= enrolment.later.fromMs ? enrolment.later.phase : enrolment.now
