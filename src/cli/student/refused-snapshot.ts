import { decode } from '../../../consumers/events/decode.ts'
import type { LogRecord } from '../../../consumers/ports/log.ts'
import { replaceBySnapshot } from '../../../projections/fees/snapshot.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { Calendar } from '../../../projections/values/calendar.ts'
import { type Change, changesOf } from './changes.ts'

/** True for the detail of a snapshot that was read before an event that it would undo. */
export const isStaleSnapshot = (detail: string | null): boolean => detail?.startsWith('stale_snapshot') ?? false

/**
 * What a refused snapshot would change if it replaced the student's facts now.
 *
 * @param record the snapshot from the event topic, or its dead letter
 * @returns nothing for any other event
 */
export const changesBySnapshot = (student: Student, record: LogRecord, calendar: Calendar): readonly Change[] => {
  const decoded = decode(record)
  if (decoded.kind !== 'student' || decoded.content.kind !== 'event') return []
  const { fact, envelope } = decoded.content.event
  if (fact?.type !== 'erp.student.snapshot.v1') return []
  const { source, time } = envelope
  return changesOf(student, replaceBySnapshot(student, fact.data, { source, time, calendar }))
}
