import type { LogPosition } from '../events/event.ts'
import type { Arrived, LetterReason, Student } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { Outcome } from './incoming-record.ts'

/** One arrival being worked through; lives only inside one call of `fold`. */
export type Run = {
  student: Student
  readonly calendar: Calendar
  readonly noted: { readonly place: LogPosition; readonly type: string; readonly outcome: Outcome }[]
  readonly deadLetters: { readonly place: LogPosition; readonly reason: LetterReason; readonly detail: string }[]
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
