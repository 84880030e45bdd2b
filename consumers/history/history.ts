import type { LogPosition } from '../../projections/events/event.ts'
import { fold } from '../../projections/sequence/fold.ts'
import type { DeadLetter, RecordOutcome } from '../../projections/sequence/incoming-record.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import type { Calendar } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type RawEvent, readRecord } from '../events/envelope.ts'
import type { Log, LogRecord, Position } from '../ports/log.ts'
import { partitionOf } from '../ports/partition.ts'
import { scan } from '../ports/scan.ts'
import { sortBatch } from '../projector/sort-batch.ts'
import { reroutedFrom } from '../rerouting/reroute.ts'
import { newMetadata } from '../stored/checkpoint-metadata.ts'

/** One record of a student's: what the fold made of it, and the student before and after. */
export type HistoryStep = {
  readonly place: LogPosition
  readonly timestampMs: number
  readonly attributes: RawEvent['attributes'] | null
  /** It was published to a wrong partition, and lay there. */
  readonly movedFrom: Position | null
  /** Of this record, and of what had waited and had its turn now. */
  readonly noted: readonly RecordOutcome[]
  readonly deadLetters: readonly DeadLetter[]
  readonly before: Student
  readonly after: Student
}

export type HistoryDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets'>
  readonly topic: string
  readonly partitions: number
  readonly calendar: Calendar
  readonly onProgress: (done: number, total: number) => void
}

/**
 * A student's way through the log, by the very steps that the projector takes. Only the student's own partition is read:
 * what was published elsewhere counts by its copy there. Records are passed over by a look at their bytes, so that one
 * student among millions of events costs little more than the reading.
 */
export async function* historyOf(deps: HistoryDeps, identifier: StudentId): AsyncGenerator<HistoryStep> {
  const { log, topic, partitions, calendar, onProgress } = deps
  const partition = partitionOf(identifier, partitions)
  const [starts, ends] = await Promise.all([log.startOffsets(topic, [partition]), log.endOffsets(topic, [partition])])
  const [start, end] = [starts.get(partition)!, ends.get(partition)!]
  const mayBeIts = filterFor(identifier)
  let metadata = newMetadata('', '')
  let student: Student = UNKNOWN_STUDENT

  for await (const batch of scan(log, topic, partition, start, end)) {
    for (const record of batch.records) {
      // Moved records of others matter as well: their order tells what is a repetition.
      if (!(record.headers.length > 0 && reroutedFrom(record, topic)) && !mayBeIts(record)) continue
      const plan = sortBatch([record], metadata, topic, (id) => partitionOf(id, partitions))
      metadata = { ...plan.metadata, last: null }
      const [item] = plan.shares.get(identifier) ?? []
      if (!item) continue
      const { content, rerouted } = item
      const arrival = content.kind === 'event' ? { ...content, place: content.event.place, rerouted } : content
      const before = student
      const folded = fold(before, arrival, calendar)
      student = folded.student
      const read = readRecord(record)
      yield {
        place: { partition, offset: record.offset },
        timestampMs: record.timestampMs,
        attributes: read.kind === 'raw' ? read.raw.attributes : read.attributes,
        movedFrom: reroutedFrom(record, topic),
        noted: folded.noted,
        deadLetters: folded.deadLetters,
        before,
        after: student,
      }
    }
    onProgress(batch.next - start, end - start)
  }
}

/**
 * Whether a record may be the student's, by its bytes: never a false no. The identifier stands in the data as it is, or
 * with escapes, as an unusual number, or in base64; where it cannot be read there, the key counts.
 */
const filterFor = (identifier: StudentId): ((record: LogRecord) => boolean) => {
  const wanted = Buffer.from(identifier)
  const isInteger = /^-?\d+$/.test(identifier)
  return ({ key, value }) => {
    if (key !== null && wanted.equals(key)) return true
    if (value === null) return false
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    if (bytes.includes(wanted) || bytes.includes(IN_BASE64)) return true
    if (!isInteger && !bytes.includes(BACKSLASH)) return false
    const text = bytes.toString('latin1')
    return ESCAPED.test(text) || (isInteger && UNUSUAL_NUMBER.test(text))
  }
}

const IN_BASE64 = Buffer.from('data_base64')
const BACKSLASH = Buffer.from('\\')
/** In an identifier, or of a plain character anywhere: many publishers escape all slashes and accents, none these. */
const ESCAPED = /"identifier"\s*:\s*"[^"]*\\|\\u00[2-7]/
/** `12e3`, `12.0`: integers too. */
const UNUSUAL_NUMBER = /"identifier"\s*:\s*-?\d+[.eE]/
