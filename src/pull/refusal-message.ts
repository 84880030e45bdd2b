import type { Phase } from '../../projections/answers/view.ts'
import type { FallbackReason } from './reasons.ts'

const INCOHERENT = {
  settled: "The student's enrolment is unsettled: its ERP has to say what counts there.",
  assessed: "The student's fees have not been assessed yet.",
  agreeing: "The student's fees and payment schedule do not add up.",
  rendered: 'The answer of this day could not be made.',
} as const

/** Tells a person why the available data does not allow an answer. */
export const refusalMessage = (
  reason: FallbackReason,
  branch: string | null,
  wants: Phase['wants'],
): string | undefined => {
  switch (reason) {
    case 'miss':
      return branch === null
        ? 'collector_code is required: the branches have ERPs of their own.'
        : 'No ERP is configured for this collector_code.'
    case 'ambiguous':
      return 'Several enrolments match; name grade, collector_code or academic_year_start.'
    case 'incoherent':
      return INCOHERENT[wants ?? 'agreeing']
    case 'suspect':
      return "Some of the student's data is missing or contradictory."
    default:
      return undefined
  }
}
