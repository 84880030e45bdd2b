import type { PartitionView } from '../../consumers/ports/store.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { EnrolmentKey } from '../../projections/events/enrolment-key.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'

/** The student an answer is about, as far as known; the record of answers stores it. */
export type AnswerAbout = {
  /** `null`: the pull named only a `custom_identifier`, and the projection does not know its student. */
  readonly id: StudentId | null
  /** The enrolment that the projection found; an ERP may have answered about a different one. */
  readonly enrolment: EnrolmentKey | null
  /** The partitions at the time of the projection read; empty where the projection was not read. */
  readonly partitions: readonly PartitionView[]
}

export const answerAbout = (query: PullQuery, read: EnrolmentMatch | null): AnswerAbout => {
  const match = read?.match.kind === 'one' ? read.match : null
  return {
    id: match?.id ?? (query.identifier as StudentId | undefined) ?? null,
    enrolment: match?.enrolment ?? null,
    partitions: read?.partitions ?? [],
  }
}
