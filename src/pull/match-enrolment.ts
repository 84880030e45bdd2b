import type { PartitionView, ProjectionReader } from '../../consumers/ports/store.ts'
import { answerAt } from '../../consumers/stored/answer-at.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import {
  type Candidate,
  findMatch,
  isVisible,
  type Match,
  type Scope,
  type SeveralYears,
} from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { Rendering, StudentAnswers } from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { storeUnavailable } from '../store-unavailable.ts'

/** The result of one projection read for a lookup. */
export type EnrolmentMatch = {
  readonly match: Match<Buffer>
  /** A student that the lookup concerns is suspect. */
  readonly suspect: boolean
  /**
   * The requested student is suspect, but only in branches that the client may not see. The client must not learn of
   * the suspicion; a proven "no such student" is impossible all the same.
   */
  readonly isSuspectOutOfScope: boolean
  /** The last event in the match's answers. */
  readonly version: string | null
  /** The publishers that write to the students that the lookup concerns. */
  readonly sources: readonly string[]
  /** The partitions that the result depends on. */
  readonly partitions: readonly PartitionView[]
  /** The students that the lookup concerns, matching or not. */
  readonly students: readonly KnownStudent[]
}

export type MatchDeps = {
  readonly reader: Pick<ProjectionReader, 'student' | 'byCustom'>
  readonly partitionOf: (id: StudentId) => number
  /** For an answer that is not stored for this day. */
  readonly rendering: Rendering
  readonly severalYears: SeveralYears
  /** Unix milliseconds: decides the day for announced leavings and for charges that begin on a day. */
  readonly clock: () => number
}

export type KnownStudent = {
  readonly id: StudentId
  readonly answers: StudentAnswers<Buffer>
  readonly record: Uint8Array
}
type Suspicion = Pick<EnrolmentMatch, 'suspect' | 'isSuspectOutOfScope'>

export const matchEnrolment = (deps: MatchDeps, query: PullQuery, scope: Scope): Promise<EnrolmentMatch> =>
  query.identifier === undefined
    ? findByCustom(deps, query.custom_identifier ?? '', query, scope)
    : findStudent(deps, query.identifier as StudentId, query, scope)

/** With an identifier: reads that student from its one partition. */
const findStudent = async (deps: MatchDeps, id: StudentId, query: PullQuery, scope: Scope): Promise<EnrolmentMatch> => {
  const view = await deps.reader.student(deps.partitionOf(id), id)
  const { record } = view
  const answers = record ? decodeRecord(record) : null
  const suspicion = answers ? suspicionOf(answers, scope) : { suspect: false, isSuspectOutOfScope: false }
  return found(deps, record && answers ? [{ id, answers, record }] : [], suspicion, query, scope, [view])
}

/** Suspicion counts also where nothing matches, but not where the student is known only in another branch. */
const suspicionOf = ({ suspect, enrolments }: StudentAnswers<Buffer>, scope: Scope): Suspicion => {
  const isInScope = enrolments.length === 0 || enrolments.some((enrolment) => isVisible(enrolment, scope))
  return { suspect: suspect && isInScope, isSuspectOutOfScope: suspect && !isInScope }
}

/** By `custom_identifier` alone: reads all matching students of all partitions. */
const findByCustom = async (
  deps: MatchDeps,
  custom: string,
  query: PullQuery,
  scope: Scope,
): Promise<EnrolmentMatch> => {
  const { reader, partitionOf, clock } = deps
  const { partitions, ids } = await reader.byCustom(custom)
  const views = await Promise.all(ids.map((id) => reader.student(partitionOf(id), id)))
  const known = views.flatMap((view, index): KnownStudent[] =>
    view.record ? [{ id: ids[index]!, answers: decodeRecord(view.record), record: view.record }] : [],
  )
  const bears = ({ id, answers: { enrolments } }: KnownStudent): boolean =>
    findMatch([{ id, enrolments }], { custom_identifier: custom }, scope, clock()).kind !== 'none'
  const suspect = known.some((student) => student.answers.suspect && bears(student))
  const oldest = partitions.map((view) => views.reduce(olderOf, view))
  return found(deps, known, { suspect, isSuspectOutOfScope: false }, query, scope, oldest)
}

/** Index and records are read in two round trips: the result depends on the older checkpoint of one generation. */
const olderOf = (a: PartitionView, b: PartitionView): PartitionView => {
  if (a.generation !== b.generation) throw storeUnavailable('the active generation changed during a lookup')
  if (a.partition !== b.partition) return a
  return (b.checkpoint?.next ?? -1) < (a.checkpoint?.next ?? -1) ? b : a
}

const found = (
  { clock, rendering, severalYears }: MatchDeps,
  known: readonly KnownStudent[],
  suspicion: Suspicion,
  query: PullQuery,
  scope: Scope,
  partitions: readonly PartitionView[],
): EnrolmentMatch => {
  const candidates = known.map(({ id, answers }): Candidate<Buffer> => ({ id, enrolments: answers.enrolments }))
  const nowMs = clock()
  const match = findMatch(candidates, query, scope, nowMs, severalYears)
  const student = match.kind === 'one' ? known.find(({ id }) => id === match.id) : undefined
  const last = student?.answers.last
  return {
    match:
      match.kind === 'one' && student
        ? { ...match, phase: answerAt(student.record, student.id, match.enrolment, rendering, nowMs) }
        : match,
    ...suspicion,
    version: last ? `${last.partition}:${last.offset}` : null,
    sources: known.flatMap(({ answers }) => answers.sources),
    partitions,
    students: known,
  }
}
