import type { Enrolment, NewestEvents, Student } from './student.ts'

/** A student without the enrolments that rest, and without the newest events about those. */
export type LiveStudent = {
  readonly student: Student
  /** `null`: none rests. */
  readonly places: Places | null
}

/** The positions of a live student's enrolments and newest events among all of the student's. */
export type Places = { readonly enrolments: readonly number[]; readonly newest: readonly number[] }

/** The resting part, in the order of its positions among all. */
export type Resting = { readonly enrolments: readonly Enrolment[]; readonly newest: readonly NewestEvents[] }
