import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { AnsweredStudent } from './answer-schema.ts'

const DIGITS = /^\d+$/

/** Years are integers where both are digits (`02026` is 2026), else text. */
const sameYear = (asked: string, answered: string): boolean =>
  asked === answered || (DIGITS.test(asked) && DIGITS.test(answered) && BigInt(asked) === BigInt(answered))

/**
 * The first field in which the answered student differs from the requested one, or `null`. An answer without a branch
 * counts as the requested branch. An answer has no `custom_identifier`, so it is not compared.
 */
export const mismatch = (asked: PullQuery, answered: AnsweredStudent): keyof PullQuery | null => {
  if (asked.identifier !== undefined && asked.identifier !== String(answered.identifier)) return 'identifier'
  if (asked.grade !== undefined && asked.grade !== String(answered.grade)) return 'grade'
  if (
    asked.collector_code !== undefined &&
    asked.collector_code !== String(answered.collector_code ?? asked.collector_code)
  )
    return 'collector_code'
  for (const year of ['academic_year_start', 'academic_year_end'] as const) {
    const wanted = asked[year]
    if (wanted !== undefined && !sameYear(wanted, String(answered[year]))) return year
  }
  return null
}
