import type { PullQuery } from '../../projections/answers/pull-query.ts'

/** In the order of the partner's page. */
const parameters = [
  'identifier',
  'grade',
  'custom_identifier',
  'collector_code',
  'academic_year_start',
  'academic_year_end',
] as const satisfies readonly (keyof PullQuery)[]

/**
 * Path and query for a lookup, after any query of the configured URL. A lone surrogate has no UTF-8 and is sent as
 * U+FFFD. The answer then concerns another student, and the identity check refuses it.
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

/** Equal for equal lookups and for no others: JSON keeps the positions of absent values and escapes separators. */
export const lookupKey = (lookup: PullQuery): string =>
  JSON.stringify(parameters.map((parameter) => lookup[parameter] ?? null))

/** A probe's lookup: no student has this identifier, and an ERP's people recognise it in their logs. */
export const probeLookup = (collectorCode: string | undefined): PullQuery => ({
  identifier: 'pullgate-probe',
  ...(collectorCode !== undefined && { collector_code: collectorCode }),
})
