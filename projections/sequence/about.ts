import type { Fact } from '../events/event.ts'
import { keyOf } from '../fees/enrolment.ts'
import type { About, Arrived, EnrolmentKey } from '../state/student.ts'
import type { Instant } from '../values/ids.ts'
import { atMost } from '../values/moment.ts'

/** What of an event counts for what comes too late to tell: the enrolments that it is about, and when it happened. */

export const aboutOf = (event: Arrived): About => (event.fact === null ? event.about : factAbout(event.fact))

/** Its `time`, or its record's timestamp where that is earlier: a publisher's clock may run ahead. */
export const happenedAt = ({ envelope, timestampMs }: Arrived): Instant => atMost(envelope.time, timestampMs)

const factAbout = (fact: Fact): About => {
  switch (fact.type) {
    case 'erp.student.erased.v1':
      return 'all'
    case 'erp.student.snapshot.v1':
      return fact.data.enrolments.map(keyOf)
    case 'erp.student.transferred.v1':
      return [keyOf(fact.data.student), transferTarget(fact.data)]
    default:
      return [keyOf(fact.data.student)]
  }
}

type TransferData = Extract<Fact, { type: 'erp.student.transferred.v1' }>['data']

const transferTarget = ({ student, to }: TransferData): EnrolmentKey => {
  const from = keyOf(student)
  return {
    grade: to.grade ?? from.grade,
    yearStart: to.academic_year_start ?? from.yearStart,
    collectorCode: to.collector_code === undefined ? from.collectorCode : to.collector_code,
  }
}

/** Whether something is about one of these enrolments. Made once for many questions: a snapshot may list thousands. */
export const concerning = (listed: readonly EnrolmentKey[]): ((about: About) => boolean) => {
  const names = new Set(listed.map(nameOf))
  return (about) => (about === 'all' ? names.size > 0 : about.some((key) => names.has(nameOf(key))))
}

export const nameOf = ({ grade, yearStart, collectorCode }: EnrolmentKey): string =>
  JSON.stringify([grade, yearStart, collectorCode])
