import type { StudentId } from '../../projections/values/ids.ts'
import { readRecord } from '../events/envelope.ts'
import { identifierOfKey, namedStudent } from '../events/named-student.ts'
import type { LogRecord } from '../ports/log.ts'
import { findIdentifiers } from './identifiers.ts'

/** What records of one partition say about students, without being decoded. Offsets are -1 where there is none. */
export type ScannedRecords = {
  /** Per student the offset of the last record that may concern it. */
  readonly marks: ReadonlyMap<StudentId, number>
  /** The last record that may concern any student: it names too many to keep each. */
  readonly everybody: number
  /** The last record of a student who belongs on another partition. */
  readonly misrouted: number
}

/** A record that names more students than this is a mark for everybody. */
const NAMES_AT_MOST = 64

/**
 * A record marks the student of its key and every student whom its value may name. Folding it changes the record of at
 * most one of them. A tombstone, and a value without any student, mark no student.
 */
export const scanRecords = (
  records: readonly LogRecord[],
  partition: number,
  partitionOf: (id: StudentId) => number,
): ScannedRecords => {
  const marks = new Map<StudentId, number>()
  const elsewhere = new Set<StudentId>()
  const maybeMisrouted: LogRecord[] = []
  let everybody = -1
  let lastKey: Uint8Array | null = null
  let ofKey: StudentId | null = null
  for (const record of records) {
    const { key, value, offset } = record
    if (value === null) continue
    let names = 0
    let isElsewhere = false
    const mark = (id: StudentId): void => {
      names += 1
      if (names > NAMES_AT_MOST) return
      if (!marks.has(id) && partitionOf(id) !== partition) elsewhere.add(id)
      marks.set(id, offset)
      isElsewhere ||= elsewhere.has(id)
    }
    // Events of one student often follow each other.
    if (lastKey === null || key === null || Buffer.compare(lastKey, key) !== 0) ofKey = identifierOfKey(key)
    lastKey = key
    if (ofKey !== null) mark(ofKey)
    findIdentifiers(asBuffer(value), ofKey === null ? null : key, mark)
    if (names > NAMES_AT_MOST) everybody = offset
    if (isElsewhere || names > NAMES_AT_MOST) maybeMisrouted.push(record)
  }
  const isMisrouted = (record: LogRecord): boolean => {
    const id = studentOf(record)
    return id !== null && partitionOf(id) !== partition
  }
  return { marks, everybody, misrouted: maybeMisrouted.findLast(isMisrouted)?.offset ?? -1 }
}

/** Parses: for the few records that name a student of another partition somewhere, in an instalment's identifier perhaps. */
const studentOf = (record: LogRecord): StudentId | null => {
  const read = readRecord(record)
  return namedStudent(read.kind === 'raw' ? read.raw.data : undefined, record.key)
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
