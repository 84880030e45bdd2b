import type { PullQuery } from '../../projections/answers/pull-query.ts'
import { decodeFormText } from './form.ts'

export type ParsedQuery =
  | { readonly ok: true; readonly query: PullQuery }
  | { readonly ok: false; readonly message: string }

type Field = keyof PullQuery
type QueryFields = { -readonly [K in Field]: string | undefined }

const fields: ReadonlySet<string> = new Set<Field>([
  'identifier',
  'custom_identifier',
  'grade',
  'collector_code',
  'academic_year_start',
  'academic_year_end',
])

const maxCharacters = 128
const fail = (message: string): ParsedQuery => ({ ok: false, message })

/** Counts code points; there are never fewer UTF-16 units. */
const tooLong = (text: string): boolean => text.length > maxCharacters && [...text].length > maxCharacters

const problemOf = (name: Field, text: string): string | undefined => {
  if (text === '') return `${name} is empty.`
  if (tooLong(text)) return `${name} has more than ${maxCharacters} characters.`
  if (name === 'identifier' && /\p{Cc}/u.test(text)) return 'identifier has a control character.'
  return undefined
}

const withoutAbsent = (found: Partial<QueryFields>): PullQuery => found as PullQuery

/**
 * Reads the known parameters of a request target's query. Unknown parameters are ignored, but a query that is not UTF-8
 * is refused. A raw `#` is refused, because it cuts an unencoded identifier down to another student's.
 */
export const parsePullQuery = (target: string): ParsedQuery => {
  if (target.includes('#')) return fail('A # in a parameter must be written as %23.')
  const start = target.indexOf('?')
  const found: Partial<QueryFields> = {}
  let at = start === -1 ? target.length : start + 1
  while (at < target.length) {
    const amp = target.indexOf('&', at)
    const end = amp === -1 ? target.length : amp
    const equals = target.indexOf('=', at)
    const split = equals === -1 || equals > end ? end : equals
    const name = decodeFormText(target.slice(at, split))
    const value = decodeFormText(target.slice(split + 1, end))
    at = end + 1
    if (name.kind === 'not_utf8' || value.kind === 'not_utf8') return fail('The query is not UTF-8.')
    if (!fields.has(name.text)) continue
    const field = name.text as Field
    if (value.kind === 'garbled') return fail(`${field} is not validly percent-encoded.`)
    if (found[field] !== undefined) return fail(`${field} is given more than once.`)
    const problem = problemOf(field, value.text)
    if (problem !== undefined) return fail(problem)
    found[field] = value.text
  }
  if (found.identifier === undefined && found.custom_identifier === undefined) {
    return fail('identifier or custom_identifier is required.')
  }
  return { ok: true, query: withoutAbsent(found) }
}
