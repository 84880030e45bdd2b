import type { Outcome } from './arrival.ts'
import type { Calendar } from './calendar.ts'
import type { Place } from './event.ts'
import type { Arrived, LetterReason, Student } from './student.ts'

/** One arrival being worked through; lives only inside one call of `fold`. */
export type Run = {
  student: Student
  readonly calendar: Calendar
  readonly noted: { readonly place: Place; readonly type: string; readonly outcome: Outcome }[]
  readonly deadLetters: { readonly place: Place; readonly reason: LetterReason; readonly detail: string }[]
}

export const startRun = (student: Student, calendar: Calendar): Run => ({
  student,
  calendar,
  noted: [],
  deadLetters: [],
})

const FOREIGN_TYPE = 'unknown'
const typeOf = (event: Arrived): string => event.fact?.type ?? FOREIGN_TYPE

export const note = (run: Run, event: Arrived, outcome: Outcome): void => {
  run.noted.push({ place: event.place, type: typeOf(event), outcome })
}
