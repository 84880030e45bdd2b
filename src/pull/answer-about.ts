import type { PartitionView } from '../../consumers/ports/store.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { EnrolmentKey } from '../../projections/events/enrolment-key.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'

/** Whom an answer is about, as far as it is known, for whoever keeps a record of it. */
export type AnswerAbout = {
  /** `null`: asked by `custom_identifier`, and the projection does not know whose it is. */
  readonly id: StudentId | null
  /** The enrolment that the projection found; an ERP may have answered about another one. */
  readonly enrolment: EnrolmentKey | null
  /** The partitions as they were when the projection was read; empty where it was not read. */
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
