import type { Arrived } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { DeadLetter, Outcome, RecordOutcome } from './incoming-record.ts'

/** The report of one record's fold, in addition to the next student. The steps only add to it. */
export type FoldReport = { readonly outcomes: RecordOutcome[]; readonly deadLetters: DeadLetter[] }

/** What every step is given: the calendar that decides, and the report to add to. */
export type FoldContext = { readonly calendar: Calendar; readonly report: FoldReport }

const FOREIGN_TYPE = 'unknown'

export const note = ({ report }: FoldContext, { place, fact }: Arrived, outcome: Outcome): void => {
  report.outcomes.push({ place, type: fact?.type ?? FOREIGN_TYPE, outcome })
}
