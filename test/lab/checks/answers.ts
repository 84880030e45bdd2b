import { findMatch, type Match } from '../../../projections/answers/lookup.ts'
import type { PullQuery } from '../../../projections/answers/pull-query.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { PullResult } from '../../../src/pull/port.ts'
import type { Truth, Version } from './truth.ts'

/** One pull as its caller saw it. */
export type Seen = {
  readonly identifier: StudentId
  readonly query: PullQuery
  /** Unix milliseconds when it was asked. */
  readonly askedMs: number
  /** Every record of the student's partition before this one was acknowledged before the pull was made. */
  readonly required: number
  /** Where that partition ended when the answer came. */
  readonly reach: number
  /** Strays, `partition/offset`, that the answer must include too. */
  readonly strays: readonly string[]
  /** Branches whose publisher nobody has heard of lately. */
  readonly silent?: readonly string[]
  readonly result: SeenResult
}

export type SeenResult = Pick<PullResult, 'kind'> & {
  readonly status?: number
  readonly body?: Uint8Array | string
  readonly source?: string
  readonly reason?: string | undefined
}

/** What is wrong with an answer that calls itself fresh; `null`: nothing. */
export const faultOf = (truth: Truth, seen: Seen): string | null => {
  const { result, identifier } = seen
  if (result.kind !== 'answer' || result.source !== 'projection') return null
  if (result.reason !== undefined && !saysNotFound(result)) return null
  const versions = truth.versions.get(identifier) ?? []
  const required = requiredOf(truth, seen.required, seen.reach, seen.strays)
  if (required === null)
    return `stale: answered without a stray that was acknowledged before (${seen.strays.join(', ')})`
  const window = versionsIn(versions, required, seen.reach)
  if (result.reason !== undefined) return refusalFault(window, seen)
  const saying = window.filter((version) => says(version, seen))
  if (saying.some((version) => isHeard(matchOf(version!, identifier, seen.query, seen.askedMs), seen))) return null
  if (saying.length > 0) return SILENT
  if (window.every((version) => version?.answers.suspect === true)) return 'wrong: answered for a suspect student'
  const earlier = versions.filter(({ next }) => next < required)
  return earlier.some((version) => says(version, seen))
    ? `stale: the answer lacks what was acknowledged before ${required}`
    : `wrong: no moment between ${required} and ${seen.reach} gives this answer`
}

export const saysNotFound = (result: SeenResult): boolean =>
  Buffer.from(result.body ?? '').includes('student_not_found')

/** A 422 that the gateway decides for want of an ERP is a fact only where the projection knows nothing at all. */
const refusalFault = (window: readonly (Version | null)[], seen: Seen): string | null => {
  const { query, askedMs } = seen
  const isUnknown = window.some(
    (version) =>
      version === null ||
      (!version.answers.suspect && matchOf(version, seen.identifier, query, askedMs).kind === 'none'),
  )
  if (!isUnknown) return UNKNOWN
  return isHeard({ kind: 'none' }, seen) ? null : SILENT
}

/** The first offset that need not be in the answer; `null`: a stray that must be in it lies nowhere yet. */
export const requiredOf = (truth: Truth, atLeast: number, reach: number, strays: readonly string[]): number | null => {
  let required = atLeast
  for (const stray of strays) {
    const at = truth.moved.get(stray)?.[0]
    if (at === undefined || at >= reach) return null
    required = Math.max(required, at + 1)
  }
  return required
}

/** The version that `required` demands at least, and those that came after it; `null`: nothing known yet. */
export const versionsIn = (
  versions: readonly Version[],
  required: number,
  reach: number,
): readonly (Version | null)[] => [
  versions.findLast(({ next }) => next <= required) ?? null,
  ...versions.filter(({ next }) => next > required && next <= reach),
]

const matchOf = ({ answers }: Version, id: StudentId, query: PullQuery, nowMs: number) =>
  findMatch([{ id, enrolments: answers.enrolments }], query, 'all', nowMs)

const says = (version: Version | null, { identifier, query, askedMs, result }: Seen): boolean => {
  if (version === null || version.answers.suspect) return false
  return isSaid(matchOf(version, identifier, query, askedMs), result)
}

export const isSaid = (match: Match<Buffer>, result: SeenResult): boolean => {
  if (match.kind !== 'one' || match.phase.body === null) return false
  const status = match.phase.status === 'active' ? 200 : 422
  return result.status === status && match.phase.body.equals(Buffer.from(result.body ?? ''))
}

export const SILENT = 'stale: answered as fresh although the publisher of the branch was silent'
export const UNKNOWN = 'wrong: a known student was called unknown'

/** Where nothing was found and no branch was asked for, any publisher may have something to say. */
export const isHeard = (
  match: Pick<Match<Buffer>, 'kind'> | Match<Buffer>,
  { query, silent = [] }: Pick<Seen, 'query' | 'silent'>,
): boolean => {
  const found = 'enrolment' in match ? match.enrolment.collectorCode : null
  if (match.kind === 'one') return found === null || !silent.includes(found)
  return query.collector_code === undefined ? silent.length === 0 : !silent.includes(query.collector_code)
}

/** What the projection has to answer once everything is applied; `null`: it must not answer. */
export const dueAnswer = (truth: Truth, identifier: StudentId, query: PullQuery, nowMs: number): Buffer | null => {
  const version = truth.versions.get(identifier)?.at(-1)
  if (version === undefined || version.answers.suspect) return null
  const match = matchOf(version, identifier, query, nowMs)
  return match.kind === 'one' ? match.phase.body : null
}
