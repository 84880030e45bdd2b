import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { AnsweredStudent } from './answer-schema.ts'

const DIGITS = /^\d+$/

/** Years are integers where both are digits (`02026` is 2026), else text. */
const sameYear = (asked: string, said: string): boolean =>
  asked === said || (DIGITS.test(asked) && DIGITS.test(said) && BigInt(asked) === BigInt(said))

/**
 * The first thing in which the answered student is not the one asked for, or `null`. An answer without a branch counts
 * as the branch asked; a `custom_identifier` is not in an answer and cannot be compared.
 */
export const mismatch = (asked: PullQuery, said: AnsweredStudent): keyof PullQuery | null => {
  if (asked.identifier !== undefined && asked.identifier !== String(said.identifier)) return 'identifier'
  if (asked.grade !== undefined && asked.grade !== String(said.grade)) return 'grade'
  if (
    asked.collector_code !== undefined &&
    asked.collector_code !== String(said.collector_code ?? asked.collector_code)
  )
    return 'collector_code'
  for (const year of ['academic_year_start', 'academic_year_end'] as const) {
    const wanted = asked[year]
    if (wanted !== undefined && !sameYear(wanted, String(said[year]))) return year
  }
  return null
}
