import type { AnswerChange } from '../../projections/answers/summary.ts'
import type { Rendering } from '../../projections/answers/view.ts'
import { fold } from '../../projections/sequence/fold.ts'
import type { DeadLetter, RecordOutcome } from '../../projections/sequence/incoming-record.ts'
import { isSuspect } from '../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Content } from '../events/decoded.ts'
import type { CustomEntry } from '../ports/store.ts'
import {
  isWhole,
  readStudentRecord,
  type WorkingStudent,
  wholeOf,
  writeStudentRecord,
} from '../stored/student-record.ts'
import { answerChanges, type RecentLines } from './answer-changes.ts'
import { needsArchive } from './needs-archive.ts'

/** What of a batch concerns one student, in the log's order. */
export type StudentRecords = { readonly identifier: StudentId; readonly items: readonly StudentRecord[] }
export type StudentRecord = { readonly content: Content; readonly rerouted: boolean }

export type FoldedStudent = {
  readonly identifier: StudentId
  readonly record: Buffer
  readonly outcomes: readonly RecordOutcome[]
  readonly deadLetters: readonly DeadLetter[]
  readonly customAdded: readonly CustomEntry[]
  readonly customRemoved: readonly CustomEntry[]
  /** `null`: as before. */
  readonly becameSuspect: boolean | null
  /** How recent answers were changed. */
  readonly answerChanges: readonly AnswerChange[]
}

/**
 * @param stored the student's record as it is in the store, `null` where there is none
 * @param recent what the student was answered lately, where that is watched
 */
export const foldStudent = (
  { identifier, items }: StudentRecords,
  stored: Uint8Array | null,
  rendering: Rendering,
  recent: RecentLines | null = null,
): FoldedStudent => {
  const working = startingFrom(readStudentRecord(stored), items, recent)
  const before = working.live.student
  const outcomes: RecordOutcome[] = []
  const deadLetters: DeadLetter[] = []
  const watched = recent && answerChanges(recent, identifier, rendering)
  let student: Student = before
  for (const { content, rerouted } of items) {
    const arrival = content.kind === 'event' ? { ...content, place: content.event.place, rerouted } : content
    const folded = fold(student, arrival, rendering.calendar)
    watched?.step(student, folded.student)
    student = folded.student
    outcomes.push(...folded.outcomes)
    deadLetters.push(...folded.deadLetters)
  }
  const entry = (custom: string): CustomEntry => ({ custom, identifier })
  const { added, removed } = customsChanged(before, student)
  return {
    identifier,
    record: writeStudentRecord({ ...working, live: { ...working.live, student } }, identifier, rendering),
    outcomes,
    deadLetters,
    customAdded: added.map(entry),
    customRemoved: removed.map(entry),
    becameSuspect: isSuspect(before) === isSuspect(student) ? null : isSuspect(student),
    answerChanges: watched?.changes ?? [],
  }
}

/** With all enrolments where one that rests may be touched, or answers of all are watched. */
const startingFrom = (
  working: WorkingStudent,
  items: readonly StudentRecord[],
  recent: RecentLines | null,
): WorkingStudent => {
  const { student } = working.live
  if (isWhole(working)) return working
  if (recent === null && !items.some(({ content }) => needsArchive(student, content))) return working
  return { live: { student: wholeOf(working), places: null }, archive: null }
}

type CustomsChanged = { readonly added: readonly string[]; readonly removed: readonly string[] }
const UNCHANGED: CustomsChanged = { added: [], removed: [] }

/** Few events touch them: only then sets are made. */
const customsChanged = (before: Student, student: Student): CustomsChanged => {
  const isSame =
    before.enrolments.length === student.enrolments.length &&
    before.enrolments.every(
      ({ profile }, at) => profile.custom_identifier === student.enrolments[at]!.profile.custom_identifier,
    )
  if (isSame) return UNCHANGED
  const [had, has] = [customsOf(before), customsOf(student)]
  return { added: [...has.difference(had)], removed: [...had.difference(has)] }
}

const customsOf = (student: Student): Set<string> =>
  new Set(student.enrolments.flatMap(({ profile }) => profile.custom_identifier ?? []))
