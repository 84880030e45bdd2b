import { dayOf, type Instant, isAfter } from './clock.ts'
import { standingOn } from './standing.ts'
import { doubts, type Student } from './student.ts'
import type { Enrolment, Policy } from './types.ts'

export type Query = {
  readonly identifier?: string
  readonly custom_identifier?: string
  readonly grade?: string
  readonly collector_code?: string
  readonly academic_year_start?: string
  readonly academic_year_end?: string
}

export type Found =
  | { readonly kind: 'match'; readonly student: Student; readonly enrolment: Enrolment }
  | { readonly kind: 'suspect' | 'miss' | 'ambiguous' }

const isDigits = (text: string): boolean => /^[0-9]+$/.test(text)

const sameYear = (a: string, b: string): boolean => (isDigits(a) && isDigits(b) ? BigInt(a) === BigInt(b) : a === b)

const isLaterYear = (a: string, b: string): boolean => (isDigits(a) && isDigits(b) ? BigInt(a) > BigInt(b) : a > b)

/** Which enrolment a query means. The first reason why none is answered: suspect, then miss, then ambiguous. */
export const lookUp = (students: readonly Student[], query: Query, day: string, policy: Policy): Found => {
  const bears = ({ profile }: Enrolment) =>
    query.custom_identifier === undefined || profile.customIdentifier === query.custom_identifier
  const touched = students.filter((student) =>
    query.identifier === undefined
      ? [...student.enrolments.values()].some(bears)
      : student.identifier === query.identifier,
  )
  if (touched.some((student) => doubts(student).length > 0)) return { kind: 'suspect' }
  const matches = touched.flatMap((student) =>
    [...student.enrolments.values()]
      .filter((enrolment) => bears(enrolment) && agrees(enrolment, query))
      .map((enrolment) => ({ student, enrolment })),
  )
  if (matches.length === 0) return { kind: 'miss' }
  if (new Set(matches.map(({ student }) => student)).size > 1) return { kind: 'ambiguous' }
  const active = matches.filter(({ enrolment }) => standingOn(enrolment, day).kind === 'active')
  const years = new Set(active.map(({ enrolment }) => enrolment.place.yearStart))
  if (years.size > 1 && policy.several_years === 'ambiguous') return { kind: 'ambiguous' }
  const candidates = active.length > 0 ? active : matches
  const ofLatestYear = candidates.filter(
    ({ enrolment }) =>
      !candidates.some((other) => isLaterYear(other.enrolment.place.yearStart, enrolment.place.yearStart)),
  )
  if (active.length > 0 && ofLatestYear.length > 1) return { kind: 'ambiguous' }
  const [match] = ofLatestYear.toSorted((a, b) => leftLater(a.enrolment, b.enrolment, policy.timezone))
  return match === undefined ? { kind: 'miss' } : { kind: 'match', ...match }
}

const agrees = ({ place, yearEnd }: Enrolment, query: Query): boolean =>
  (query.grade === undefined || place.grade === query.grade) &&
  (query.collector_code === undefined || place.branch === query.collector_code) &&
  (query.academic_year_start === undefined || sameYear(place.yearStart, query.academic_year_start)) &&
  (query.academic_year_end === undefined || sameYear(yearEnd, query.academic_year_end))

/** By the day of leaving, then by the moment that the event happened, then by which was applied last. */
const leftLater = (a: Enrolment, b: Enrolment, timezone: string): number => {
  const [one, two] = [leftAt(a, timezone), leftAt(b, timezone)]
  if (one.day !== two.day) return one.day < two.day ? 1 : -1
  if (isAfter(two.at, one.at)) return 1
  return isAfter(one.at, two.at) ? -1 : b.leftAsNumber - a.leftAsNumber
}

const leftAt = ({ transferred, leaving }: Enrolment, timezone: string): { day: string; at: Instant } => {
  const { at } = transferred ?? leaving ?? { at: { seconds: 0, decimals: '' } }
  const from = transferred === null ? leaving?.from : null
  return { day: from ?? dayOf(at, timezone), at }
}
