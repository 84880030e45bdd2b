import type { LogPosition } from '../../projections/events/event.ts'
import type { DeadLetter, RecordOutcome } from '../../projections/sequence/incoming-record.ts'
import type { Student } from '../../projections/state/student.ts'
import type { Calendar } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type RawEvent, readRecord } from '../events/envelope.ts'
import type { Log, LogRecord, Position } from '../ports/log.ts'
import { partitionOf } from '../ports/partition.ts'
import { studentSteps } from './student-steps.ts'

/** One record of a student's: what the fold made of it, and the student before and after. */
export type HistoryStep = {
  readonly place: LogPosition
  readonly record: LogRecord
  readonly timestampMs: number
  readonly attributes: RawEvent['attributes'] | null
  /** The wrong partition and offset where it was published. */
  readonly movedFrom: Position | null
  /** Of this record, and of what had waited and had its turn now. */
  readonly outcomes: readonly RecordOutcome[]
  readonly deadLetters: readonly DeadLetter[]
  readonly before: Student
  readonly after: Student
}

export type HistoryDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets' | 'ends'>
  readonly topic: string
  readonly partitions: number
  readonly calendar: Calendar
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Replays a student's events from the log with the projector's own steps. Only the student's partition is read: a
 * misrouted event counts by its copy there. Other records are skipped by a search of their bytes, so one student among
 * millions of events costs little more than the reading.
 */
export async function* historyOf(deps: HistoryDeps, identifier: StudentId): AsyncGenerator<HistoryStep> {
  const { log, topic, partitions, calendar, onProgress } = deps
  const partition = partitionOf(identifier, partitions)
  const [starts, ends] = await Promise.all([log.startOffsets(topic, [partition]), log.endOffsets(topic, [partition])])
  const [start, end] = [starts.get(partition)!, ends.get(partition)!]
  const steps = studentSteps(
    { log, topic, partitions, calendar, onProgress: (done) => onProgress(done, end - start) },
    { partition, start, end, isWanted: (id) => id === identifier, mayConcern: filterFor(identifier) },
  )
  for await (const { record, movedFrom, outcomes, deadLetters, before, after } of steps) {
    const read = readRecord(record)
    yield {
      place: { partition, offset: record.offset },
      record,
      timestampMs: record.timestampMs,
      attributes: read.kind === 'raw' ? read.raw.attributes : read.attributes,
      movedFrom,
      outcomes,
      deadLetters,
      before,
      after,
    }
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
