import { type Rendering, viewOf } from '../../projections/answers/view.ts'
import type { LiveStudent } from '../../projections/state/live-student.ts'
import { hasResting, join, split } from '../../projections/state/resting.ts'
import { decodeLive, encodeLive } from '../../projections/state/state.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { packArchive, unpackArchive } from './archive.ts'
import { archiveOf, encodeRecord, liveStateOf } from './record.ts'

/**
 * A student as it is worked on: with all enrolments, or without those in the archive of its record, which is then
 * carried over as it is.
 */
export type WorkingStudent = { readonly live: LiveStudent; readonly archive: Uint8Array | null }

const NOBODY: WorkingStudent = { live: { student: UNKNOWN_STUDENT, places: null }, archive: null }

export const readStudentRecord = (record: Uint8Array | null): WorkingStudent =>
  record === null ? NOBODY : { live: decodeLive(liveStateOf(record)), archive: archiveOf(record) }

export const isWhole = ({ archive }: WorkingStudent): boolean => archive === null

/** The student with all of its enrolments. */
export const wholeOf = ({ live, archive }: WorkingStudent): Student =>
  archive === null ? live.student : join(live, unpackArchive(Buffer.from(archive)))

/** The bytes are the same whether or not the archive was opened. */
export const writeStudentRecord = (working: WorkingStudent, identifier: StudentId, rendering: Rendering): Buffer => {
  const { live, archive } = working
  if (archive !== null && isAsArchived(live)) return encoded(live, archive, identifier, rendering)
  const { live: kept, resting } = split(wholeOf(working))
  if (resting.enrolments.length === 0) return encoded(kept, null, identifier, rendering)
  return encoded(
    kept,
    packArchive(resting, restingPlaces(kept, resting.enrolments.length), rendering.calendar),
    identifier,
    rendering,
  )
}

/** No other enrolment has come to rest, and no list has grown. */
const isAsArchived = ({ student, places }: LiveStudent): boolean =>
  !hasResting(student) &&
  student.enrolments.length === places?.enrolments.length &&
  student.newest.length === places.newest.length

const encoded = (live: LiveStudent, archive: Uint8Array | null, identifier: StudentId, rendering: Rendering): Buffer =>
  encodeRecord(viewOf(live.student, identifier, rendering), encodeLive(live), live.places?.enrolments ?? null, archive)

const restingPlaces = ({ places, student }: LiveStudent, count: number): readonly number[] => {
  const taken = new Set(places?.enrolments)
  return Array.from({ length: student.enrolments.length + count }, (_, place) => place).filter(
    (place) => !taken.has(place),
  )
}
