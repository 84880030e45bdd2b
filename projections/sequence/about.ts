import type { EnrolmentKey } from '../events/enrolment-key.ts'
import type { Fact } from '../events/event.ts'
import { enrolmentsOf, scopeOf } from '../events/scope-of.ts'
import type { About, Arrived } from '../state/student.ts'
import type { Instant } from '../values/ids.ts'
import { atMost } from '../values/moment.ts'

/** The facts of an event that the lateness rule uses: its enrolments, and its time. */

/** A type that is not ours speaks of no enrolment. */
export const aboutOf = ({ fact }: Arrived): About => (fact === null ? [] : factAbout(fact))

/** Its `time`, or its record's timestamp where that is earlier: a publisher's clock may run ahead. */
export const happenedAt = ({ envelope, timestampMs }: Arrived): Instant => atMost(envelope.time, timestampMs)

const factAbout = (fact: Fact): About => (scopeOf(fact) === 'erasure' ? 'all' : enrolmentsOf(fact))

/** Whether something is about one of these enrolments. Made once for many questions: a snapshot may list thousands. */
export const concerning = (listed: readonly EnrolmentKey[]): ((about: About) => boolean) => {
  const names = new Set(listed.map(nameOf))
  return (about) => (about === 'all' ? names.size > 0 : about.some((key) => names.has(nameOf(key))))
}

export const nameOf = ({ grade, yearStart, collectorCode }: EnrolmentKey): string =>
  JSON.stringify([grade, yearStart, collectorCode])
