import { fold } from '../../projections/sequence/fold.ts'
import type { DeadLetter, RecordOutcome } from '../../projections/sequence/incoming-record.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import type { Calendar } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Content } from '../events/decoded.ts'
import { type Log, type LogRecord, type Position, topicOf } from '../ports/log.ts'
import { partitionOf } from '../ports/partition.ts'
import { scan } from '../ports/scan.ts'
import { type SortedBatch, sortBatch } from '../projector/sort-batch.ts'
import { type Original, originalKey, originalReader } from '../rerouting/originals.ts'
import { reroutedMark } from '../rerouting/reroute.ts'
import { newMetadata } from '../stored/checkpoint-metadata.ts'

/** One record of one student: what the fold made of it, and the student before and after. */
export type StudentStep = {
  readonly identifier: StudentId
  readonly record: LogRecord
  /** The wrong partition and offset where it was published. */
  readonly movedFrom: Position | null
  /** Of this record, and of what had waited and had its turn now. */
  readonly outcomes: readonly RecordOutcome[]
  readonly deadLetters: readonly DeadLetter[]
  readonly before: Student
  readonly after: Student
}

export type StepsDeps = {
  readonly log: Pick<Log, 'read' | 'ends'>
  readonly topic: string
  readonly partitions: number
  readonly calendar: Calendar
  readonly onProgress: (done: number) => void
}

/** Which records of a partition, up to which offset, and whose. */
export type StepsWanted = {
  readonly partition: number
  readonly start: number
  readonly end: number
  readonly isWanted: (identifier: StudentId) => boolean
  /** Whether a record may concern a selected student, by a search of its bytes: no false negative. */
  readonly mayConcern: (record: LogRecord) => boolean
}

/**
 * Replays the events of some students from their partition with the projector's own steps. Other records are skipped by
 * a search of their bytes, so a few students among millions of events cost little more than the reading.
 */
export async function* studentSteps(deps: StepsDeps, wanted: StepsWanted): AsyncGenerator<StudentStep> {
  const { log, topic, partitions, calendar, onProgress } = deps
  const { partition, start, end, isWanted, mayConcern } = wanted
  const students = new Map<StudentId, Student>()
  const topicId = topicOf((await log.ends(topic, [partition])).get(partition)?.identity ?? '')
  let metadata = newMetadata('', `${topicId}.`)
  const home = (id: StudentId): number => partitionOf(id, partitions)
  const readOriginal = originalReader(log, deps, home)
  const sort = async (records: readonly LogRecord[]): Promise<SortedBatch> => {
    const originals = new Map<string, Original | null>()
    for (;;) {
      const sorted = sortBatch(records, metadata, topic, home, originals)
      if (sorted.unread.length === 0) return sorted
      for (const place of sorted.unread) originals.set(originalKey(place), await readOriginal(place))
    }
  }

  for await (const batch of scan(log, topic, partition, start, end)) {
    // Moved records of other students matter too: their order decides what is a repetition.
    const records = batch.records.filter(
      (record) => reroutedMark(record, topic, topicId) !== null || mayConcern(record),
    )
    const byOffset = new Map(records.map((record) => [record.offset, record]))
    const sorted = await sort(records)
    metadata = { ...sorted.metadata, last: null }
    for (const [identifier, items] of sorted.shares) {
      if (!isWanted(identifier)) continue
      let student = students.get(identifier) ?? UNKNOWN_STUDENT
      for (const { content, rerouted } of items) {
        const arrival = content.kind === 'event' ? { ...content, place: content.event.place, rerouted } : content
        const before = student
        const { student: after, outcomes, deadLetters } = fold(before, arrival, calendar)
        student = after
        const record = byOffset.get(offsetOf(content))!
        const movedFrom = rerouted ? (reroutedMark(record, topic, topicId)?.from ?? null) : null
        yield { identifier, record, movedFrom, outcomes, deadLetters, before, after }
      }
      students.set(identifier, student)
    }
    onProgress(batch.next - start)
  }
}

const offsetOf = (content: Content): number =>
  content.kind === 'event' ? content.event.place.offset : content.place.offset
