import type { PartitionView, ProjectionReader } from '../../consumers/ports/store.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import type { LogPosition } from '../../projections/events/event.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'

/** The progress of a student's projection at one moment; it shows whether an event was applied since. */
export type StudentMark = {
  readonly id: StudentId
  readonly partition: number
  /** The student's last applied event; `null`: none. */
  readonly last: LogPosition | null
  /** The first event of the partition that was not applied. */
  readonly next: number
}

export type MarkDeps = {
  readonly reader: Pick<ProjectionReader, 'student'>
  readonly partitionOf: (id: StudentId) => number
}

const nextOf = (views: readonly PartitionView[], partition: number): number =>
  views.find((view) => view.partition === partition)?.checkpoint?.next ?? 0

/** The mark of a student at a projection read; `null` where the read did not include the student. */
export const markIn = (
  { students, partitions }: EnrolmentMatch,
  id: StudentId,
  asked: string | undefined,
  partition: number,
): StudentMark | null => {
  const known = students.find((student) => student.id === id)
  if (known === undefined && asked !== id) return null
  return { id, partition, last: known?.answers.last ?? null, next: nextOf(partitions, partition) }
}

export const markNow = async ({ reader, partitionOf }: MarkDeps, id: StudentId): Promise<StudentMark> => {
  const partition = partitionOf(id)
  const view = await reader.student(partition, id)
  const last = view.record ? decodeRecord(view.record).last : null
  return { id, partition, last, next: view.checkpoint?.next ?? 0 }
}

/**
 * Reads the current mark for a student that an earlier read did not include. The mark is valid where no event of the
 * student was applied since; `null`: an event may have been applied.
 */
export const markThen = async (deps: MarkDeps, then: EnrolmentMatch, id: StudentId): Promise<StudentMark | null> => {
  const now = await markNow(deps, id)
  const next = nextOf(then.partitions, now.partition)
  const isOld = now.last === null || (now.last.partition === now.partition && now.last.offset < next)
  return isOld ? { ...now, next } : null
}

export const isSameLast = (a: StudentMark, b: StudentMark): boolean =>
  a.last?.partition === b.last?.partition && a.last?.offset === b.last?.offset
