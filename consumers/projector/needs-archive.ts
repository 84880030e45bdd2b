import { sameKey } from '../../projections/events/enrolment-key.ts'
import { enrolmentsOf, scopeOf } from '../../projections/events/scope-of.ts'
import type { Student } from '../../projections/state/student.ts'
import type { Content } from '../events/decoded.ts'

/**
 * Whether a record may touch an enrolment that rests in the archive. Only an event about enrolments that are all at hand
 * does not: it neither makes one nor takes one away.
 */
export const needsArchive = (live: Student, content: Content): boolean => {
  // What waits may be about any enrolment. A long list of newest events is bounded by the number of all enrolments.
  if (live.waiting.length > 0 || live.newest.length > MOST_NEWEST) return true
  if (content.kind === 'broken') return false
  if (content.kind === 'resolution') return true
  const { fact } = content.event
  if (fact === null) return false
  if (scopeOf(fact) !== 'enrolment') return true
  return !enrolmentsOf(fact).every((key) => live.enrolments.some((known) => sameKey(known.key, key)))
}

const MOST_NEWEST = 48
