import { decodeRecord } from '../../consumers/record.ts'
import type { StudentId } from '../../projections/ids.ts'
import { type Candidate, findMatch, type Match, type Scope } from '../../projections/lookup.ts'
import type { PartitionView, ProjectionReader } from '../../projections/store.ts'
import type { StudentAnswers } from '../../projections/view.ts'
import type { PullQuery } from './port.ts'

/** What one look at the projection found for a lookup. */
export type Found = {
  readonly match: Match<Buffer>
  readonly suspect: boolean
  /** The last event in the match's answers. */
  readonly version: string | null
  /** The publishers that write to the students that the lookup touches. */
  readonly sources: readonly string[]
  /** The partitions that this rests on. */
  readonly partitions: readonly PartitionView[]
}

type Known = { readonly id: StudentId; readonly answers: StudentAnswers<Buffer> }

/** With an identifier: that student, of its one partition. */
export const findStudent = async (
  reader: ProjectionReader,
  partition: number,
  id: StudentId,
  query: PullQuery,
  scope: Scope,
): Promise<Found> => {
  const view = await reader.student(partition, id)
  const known = view.record ? [{ id, answers: decodeRecord(view.record) }] : []
  return found(
    known,
    known.some(({ answers }) => answers.suspect),
    query,
    scope,
    [view],
  )
}

/** By `custom_identifier` alone: all students that bear it, of all partitions. */
export const findByCustom = async (
  reader: ProjectionReader,
  partitionOf: (id: StudentId) => number,
  custom: string,
  query: PullQuery,
  scope: Scope,
): Promise<Found> => {
  const { partitions, ids } = await reader.byCustom(custom)
  const views = await Promise.all(ids.map((id) => reader.student(partitionOf(id), id)))
  const known = views.flatMap((view, index): Known[] =>
    view.record ? [{ id: ids[index]!, answers: decodeRecord(view.record) }] : [],
  )
  // A client of one branch learns nothing of another's students, nor that one of them is suspect.
  const suspect = known.some(
    ({ id, answers }) =>
      answers.suspect &&
      findMatch([{ id, enrolments: answers.enrolments }], { custom_identifier: custom }, scope, Date.now()).kind !==
        'none',
  )
  return found(known, suspect, query, scope, partitions)
}

const found = (
  known: readonly Known[],
  suspect: boolean,
  query: PullQuery,
  scope: Scope,
  partitions: readonly PartitionView[],
): Found => {
  const candidates = known.map(({ id, answers }): Candidate<Buffer> => ({ id, enrolments: answers.enrolments }))
  const match = findMatch(candidates, query, scope, Date.now())
  const matched = match.kind === 'one' ? known.find(({ id }) => id === match.id) : undefined
  const last = matched?.answers.last
  return {
    match,
    suspect,
    version: last ? `${last.partition}:${last.offset}` : null,
    sources: known.flatMap(({ answers }) => answers.sources),
    partitions,
  }
}
