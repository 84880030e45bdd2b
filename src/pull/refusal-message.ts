import type { FallbackReason } from './reasons.ts'

/** Why the data at hand does not allow an answer, for a person. */
export const refusalMessage = (reason: FallbackReason, branch: string | null): string | undefined => {
  switch (reason) {
    case 'miss':
      return branch === null
        ? 'collector_code is required: the branches have ERPs of their own.'
        : 'No ERP is configured for this collector_code.'
    case 'ambiguous':
      return 'Several enrolments match; name grade, collector_code or academic_year_start.'
    case 'incoherent':
      return "The student's fees and payment schedule do not add up."
    case 'suspect':
      return "Some of the student's data is missing or contradictory."
    default:
      return undefined
  }
}
