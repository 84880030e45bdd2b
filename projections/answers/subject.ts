import type { EnrolmentKey } from '../events/enrolment-key.ts'
import type { StudentId } from '../values/ids.ts'
import { type EnrolmentFilter, findMatch, type Scope } from './lookup.ts'
import { type AnswerSummary, NOT_FOUND, summaryOf } from './summary.ts'
import { type EnrolmentView, phaseAt, type StudentAnswers } from './view.ts'

/** What an answer was about: one enrolment, or, where it named none, the question itself. */
export type AnswerSubject =
  | { readonly kind: 'enrolment'; readonly key: EnrolmentKey }
  | { readonly kind: 'question'; readonly filter: EnrolmentFilter; readonly scope: Scope }

/**
 * What these answers say on the same subject at a moment. An enrolment that is not there is not found. `null`: nothing is
 * said, because the student is suspect, the facts do not add up, or several enrolments match.
 */
export const summaryAt = (
  { suspect, enrolments }: Pick<StudentAnswers, 'suspect' | 'enrolments'>,
  identifier: StudentId,
  subject: AnswerSubject,
  nowMs: number,
): AnswerSummary | null => {
  if (suspect) return null
  const view = subject.kind === 'enrolment' ? enrolments.find((one) => isOf(one, subject.key)) : undefined
  if (subject.kind === 'enrolment') return view === undefined ? NOT_FOUND : summaryOfView(view, nowMs)
  const match = findMatch([{ id: identifier, enrolments }], subject.filter, subject.scope, nowMs)
  if (match.kind === 'none') return NOT_FOUND
  return match.kind === 'ambiguous' ? null : summaryOfView(match.enrolment, nowMs)
}

const isOf = ({ grade, yearStart, collectorCode }: EnrolmentView, key: EnrolmentKey): boolean =>
  grade === key.grade && yearStart === key.yearStart && collectorCode === key.collectorCode

const summaryOfView = (view: EnrolmentView, nowMs: number): AnswerSummary | null => {
  const { status, body } = phaseAt(view, nowMs)
  return body === null ? null : summaryOf(status === 'active' ? 200 : 422, body)
}
