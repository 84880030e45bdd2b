import type { Enrolment, NewestEvents, Student } from './student.ts'

/** A student without the enrolments that rest, and without the newest events about those. */
export type LiveStudent = {
  readonly student: Student
  /** `null`: none rests. */
  readonly places: Places | null
}

/** Where the enrolments and newest events of a live student stand among all of the student. */
export type Places = { readonly enrolments: readonly number[]; readonly newest: readonly number[] }

/** What rests, in the order in which it stands among all. */
export type Resting = { readonly enrolments: readonly Enrolment[]; readonly newest: readonly NewestEvents[] }
