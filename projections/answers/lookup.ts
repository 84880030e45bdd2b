import type { StudentId } from '../values/ids.ts'
import { compareYears } from '../values/years.ts'
import { type EnrolmentView, type Phase, phaseAt } from './view.ts'

/** The filters of a pull in addition to the student: every given value must equal the enrolment's. */
export type EnrolmentFilter = {
  readonly custom_identifier?: string
  readonly grade?: string
  readonly collector_code?: string
  readonly academic_year_start?: string
  readonly academic_year_end?: string
}

/** The branches that a client may see. */
export type Scope = 'all' | ReadonlySet<string>

export type Candidate<Body> = { readonly id: StudentId; readonly enrolments: readonly EnrolmentView<Body>[] }

export type Match<Body> =
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous' }
  | {
      readonly kind: 'one'
      readonly id: StudentId
      readonly enrolment: EnrolmentView<Body>
      readonly phase: Phase<Body>
    }

/** Whether the latest of several active years is meant, or the choice is impossible. */
export type SeveralYears = 'latest' | 'ambiguous'

/**
 * Which enrolment a lookup means. Active ones win over left ones; then the latest year; among left ones of that year the
 * one whose leaving came into force last.
 */
export const findMatch = <Body>(
  candidates: readonly Candidate<Body>[],
  filter: EnrolmentFilter,
  scope: Scope,
  nowMs: number,
  severalYears: SeveralYears = 'latest',
): Match<Body> => {
  const hits = candidates.flatMap(({ id, enrolments }) =>
    enrolments
      .filter((enrolment) => isVisible(enrolment, scope) && matches(enrolment, filter))
      .map((enrolment) => ({ kind: 'one', id, enrolment, phase: phaseAt(enrolment, nowMs) }) as const),
  )
  const [first] = hits
  if (!first) return { kind: 'none' }
  if (hits.some((hit) => hit.id !== first.id)) return { kind: 'ambiguous' }

  const active = hits.filter((hit) => hit.phase.status === 'active')
  const rank = active.length > 0 ? active : hits
  const latest = rank.reduce((best, hit) =>
    compareYears(hit.enrolment.yearStart, best.enrolment.yearStart) > 0 ? hit : best,
  )
  const ofYear = rank.filter((hit) => compareYears(hit.enrolment.yearStart, latest.enrolment.yearStart) === 0)
  if (active.length > 0) {
    const isClear = ofYear.length === 1 && (severalYears === 'latest' || active.length === 1)
    return isClear ? latest : { kind: 'ambiguous' }
  }
  return ofYear.reduce((last, hit) => (leftAfter(hit.phase, last.phase) ? hit : last))
}

export const isVisible = (enrolment: EnrolmentView<unknown>, scope: Scope): boolean =>
  scope === 'all' || (enrolment.collectorCode !== null && scope.has(enrolment.collectorCode))

const matches = (enrolment: EnrolmentView<unknown>, filter: EnrolmentFilter): boolean =>
  equals(filter.custom_identifier, enrolment.customIdentifier) &&
  equals(filter.grade, enrolment.grade) &&
  equals(filter.collector_code, enrolment.collectorCode) &&
  isYear(filter.academic_year_start, enrolment.yearStart) &&
  isYear(filter.academic_year_end, enrolment.yearEnd)

const equals = (asked: string | undefined, value: string | null): boolean => asked === undefined || asked === value

const isYear = (asked: string | undefined, value: string): boolean =>
  asked === undefined || compareYears(asked, value) === 0

const leftAfter = (a: Phase<unknown>, b: Phase<unknown>): boolean => {
  const [x, y] = [a.leftAt ?? '', b.leftAt ?? '']
  return x === y ? a.leftOrder > b.leftOrder : x > y
}
