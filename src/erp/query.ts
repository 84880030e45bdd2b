import type { PullQuery } from '../../projections/answers/pull-query.ts'

/** The order of the partner's page. */
const parameters = [
  'identifier',
  'grade',
  'custom_identifier',
  'collector_code',
  'academic_year_start',
  'academic_year_end',
] as const satisfies readonly (keyof PullQuery)[]

/**
 * Path and query for a lookup, behind whatever query the configured URL has already. A lone surrogate has no UTF-8; it
 * goes out as U+FFFD, and the answer is then another student's, which the identity check refuses.
 */
export const requestPath = (url: URL, lookup: PullQuery): string => {
  let path = url.pathname + url.search
  let separator = url.search === '' ? '?' : '&'
  for (const parameter of parameters) {
    const value = lookup[parameter]
    if (value === undefined) continue
    path += `${separator}${parameter}=${encodeURIComponent(value.toWellFormed())}`
    separator = '&'
  }
  return path
}

/** Equal for equal lookups and for no others: JSON keeps the places of absent values and escapes what separates them. */
export const lookupKey = (lookup: PullQuery): string =>
  JSON.stringify(parameters.map((parameter) => lookup[parameter] ?? null))
