import { type EnrolmentKey, sameKey } from '../events/enrolment-key.ts'
import type { LogPosition } from '../events/event.ts'
import type { Want } from '../fees/balance.ts'
import type { Policy } from '../fees/policy.ts'
import { isSuspect } from '../sequence/suspect-reasons.ts'
import { type Enrolment, type EnrolmentStatus, type Student, statusOn } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { Instant, IsoDate, StudentId } from '../values/ids.ts'
import { momentAt } from '../values/moment.ts'
import { answerFor } from './answer.ts'

/**
 * What a pull needs of a student: finished answers, and the values by which a lookup finds them. Bodies are text where
 * they are made and bytes where they are read.
 */
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
  /** From when and until when (Unix milliseconds) the body of `now` is the answer: a charge may begin on a day. */
  readonly valid: { readonly fromMs: number; readonly untilMs: number }
  /** An announced leaving changes the answer with no event: from this moment on (Unix milliseconds) it is `phase`. */
  readonly later: { readonly fromMs: number; readonly phase: Phase<Body> } | null
}

export type Phase<Body = string> = {
  readonly status: EnrolmentStatus['kind']
  /** When its leaving came into force; of leavings of one moment the one with the greater order is the last. */
  readonly leftAt: Instant | null
  readonly leftOrder: number
  /** `null`: no answer is possible, for the reason in `wants`. */
  readonly body: Body | null
  /** `rendered`: the answer is not stored, and has to be made of the state. */
  readonly wants: Want | 'rendered' | null
}

/** What answers depend on in addition to the facts. */
export type Rendering = { readonly policy: Policy; readonly calendar: Calendar }

export const ALWAYS_VALID = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY } as const

/**
 * What is stored. Deterministic: the same state, policy and calendar give the same bytes. An answer is that of the day on
 * which its enrolment last changed, so that a rebuild comes to the same.
 */
export const viewOf = (student: Student, identifier: StudentId, rendering: Rendering): StudentAnswers =>
  viewWith(student, (enrolment) => enrolmentView(enrolment, identifier, rendering, enrolment.changedOn ?? ANY_DAY))

/** What is answered at a moment. */
export const viewAt = (
  student: Student,
  identifier: StudentId,
  rendering: Rendering,
  nowMs: number,
): StudentAnswers => {
  const today = rendering.calendar.dayAt(nowMs)
  return viewWith(student, (enrolment) => enrolmentView(enrolment, identifier, rendering, today))
}

const viewWith = (student: Student, view: (enrolment: Enrolment) => EnrolmentView): StudentAnswers => ({
  suspect: isSuspect(student),
  enrolments: student.enrolments.map(view),
  last: student.last,
  sources: [...student.sources.keys()],
})

const ANY_DAY = '1970-01-01' as IsoDate

const enrolmentView = (
  enrolment: Enrolment,
  identifier: StudentId,
  rendering: Rendering,
  today: IsoDate,
): EnrolmentView => {
  const phaseOn = (status: EnrolmentStatus): Phase => phaseOf(enrolment, status, identifier, rendering, today)
  const { calendar } = rendering
  const { now, leaving } = enrolment.standing
  const hasLeft = leaving !== null && leaving.on <= today
  return {
    grade: enrolment.key.grade,
    yearStart: enrolment.key.yearStart,
    yearEnd: enrolment.yearEnd,
    collectorCode: enrolment.key.collectorCode,
    customIdentifier: enrolment.profile.custom_identifier ?? null,
    now: hasLeft ? unrendered(phaseWithout(now, calendar)) : phaseOn(now),
    valid: now.kind === 'active' ? validOn(enrolment, today, calendar) : ALWAYS_VALID,
    later: leaving && { fromMs: calendar.startOf(leaving.on), phase: phaseOn(leaving) },
  }
}

/** Resting enrolments have no stored answer: it is built from the state at each request. */
export const restingViews = (enrolments: readonly Enrolment[], calendar: Calendar): readonly EnrolmentView[] =>
  enrolments.map(({ key, yearEnd, profile, standing: { now, leaving } }) => ({
    grade: key.grade,
    yearStart: key.yearStart,
    yearEnd,
    collectorCode: key.collectorCode,
    customIdentifier: profile.custom_identifier ?? null,
    now: unrendered(phaseWithout(now, calendar)),
    valid: ALWAYS_VALID,
    later: leaving && {
      fromMs: calendar.startOf(leaving.on),
      phase: unrendered(phaseWithout(leaving, calendar)),
    },
  }))

const phaseOf = (
  enrolment: Enrolment,
  status: EnrolmentStatus,
  identifier: StudentId,
  { policy, calendar }: Rendering,
  today: IsoDate,
): Phase => {
  const answer = answerFor(enrolment, status, identifier, policy, today)
  const told = phaseWithout(status, calendar)
  return answer.kind === 'incoherent' ? { ...told, wants: answer.wants } : { ...told, body: answer.body }
}

const phaseWithout = (status: EnrolmentStatus, calendar: Calendar): Phase => {
  if (status.kind === 'active') return { status: 'active', leftAt: null, leftOrder: 0, body: null, wants: null }
  const leftAt = status.isDated ? momentAt(calendar.startOf(status.on)) : status.at
  return { status: status.kind, leftAt, leftOrder: status.order, body: null, wants: null }
}

const unrendered = <Body>(phase: Phase<Body>): Phase<Body> => ({ ...phase, body: null, wants: 'rendered' })

/** Between the last day on which a charge began and the next one. */
const validOn = ({ charges }: Enrolment, today: IsoDate, calendar: Calendar): EnrolmentView['valid'] => {
  let from: IsoDate | undefined
  let until: IsoDate | undefined
  for (const { effective_on } of charges) {
    if (effective_on === undefined) continue
    if (effective_on <= today) from = from === undefined || effective_on > from ? effective_on : from
    else until = until === undefined || effective_on < until ? effective_on : until
  }
  if (from === undefined && until === undefined) return ALWAYS_VALID
  return {
    fromMs: from === undefined ? ALWAYS_VALID.fromMs : calendar.startOf(from),
    untilMs: until === undefined ? ALWAYS_VALID.untilMs : calendar.startOf(until),
  }
}

export const phaseAt = <Body>({ now, later, valid }: EnrolmentView<Body>, nowMs: number): Phase<Body> => {
  if (later && nowMs >= later.fromMs) return later.phase
  return nowMs >= valid.fromMs && nowMs < valid.untilMs ? now : unrendered(now)
}

/** The answer of one enrolment at a moment, made of the state: where none is stored that is valid then. */
export const phaseFromState = (
  student: Student,
  key: EnrolmentKey,
  identifier: StudentId,
  rendering: Rendering,
  nowMs: number,
): Phase | null => {
  const enrolment = student.enrolments.find((known) => sameKey(known.key, key))
  if (!enrolment) return null
  const today = rendering.calendar.dayAt(nowMs)
  const status = statusOn(enrolment.standing, today)
  return phaseOf(enrolment, status, identifier, rendering, today)
}
