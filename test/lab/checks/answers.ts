import type { StudentId } from '../../../projections/ids.ts'
import { findMatch } from '../../../projections/lookup.ts'
import type { PullQuery, PullResult } from '../../../src/pull/port.ts'
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
  readonly result: Pick<PullResult, 'kind'> & {
    readonly status?: number
    readonly body?: Uint8Array | string
    readonly source?: string
    readonly reason?: string | undefined
  }
}

/** What is wrong with an answer that calls itself fresh; `null`: nothing. */
export const faultOf = (truth: Truth, seen: Seen): string | null => {
  const { result, identifier } = seen
  if (result.kind !== 'answer' || result.source !== 'projection') return null
  if (result.reason !== undefined && !saysNotFound(seen)) return null
  const versions = truth.versions.get(identifier) ?? []
  const required = requiredOf(truth, seen)
  if (required === null)
    return `stale: answered without a stray that was acknowledged before (${seen.strays.join(', ')})`
  const window = versionsIn(versions, required, seen.reach)
  if (result.reason !== undefined) return refusalFault(window, seen)
  if (window.some((version) => says(version, seen))) return null
  if (window.every((version) => version?.answers.suspect === true)) return 'wrong: answered for a suspect student'
  const earlier = versions.filter(({ next }) => next < required)
  return earlier.some((version) => says(version, seen))
    ? `stale: the answer lacks what was acknowledged before ${required}`
    : `wrong: no moment between ${required} and ${seen.reach} gives this answer`
}

const saysNotFound = ({ result }: Seen): boolean => Buffer.from(result.body ?? '').includes('student_not_found')

/** A 422 that the gateway decides for want of an ERP is a fact only where the projection knows nothing at all. */
const refusalFault = (window: readonly (Version | null)[], seen: Seen): string | null => {
  const { query, askedMs } = seen
  const isUnknown = window.some(
    (version) =>
      version === null ||
      (!version.answers.suspect && matchOf(version, seen.identifier, query, askedMs).kind === 'none'),
  )
  return isUnknown ? null : 'wrong: a known student was called unknown'
}

/** The first offset that need not be in the answer; `null`: a stray that must be in it lies nowhere yet. */
const requiredOf = (truth: Truth, seen: Seen): number | null => {
  let required = seen.required
  for (const stray of seen.strays) {
    const at = truth.moved.get(stray)?.[0]
    if (at === undefined || at >= seen.reach) return null
    required = Math.max(required, at + 1)
  }
  return required
}

/** The version that `required` demands at least, and those that came after it; `null`: nothing known yet. */
const versionsIn = (versions: readonly Version[], required: number, reach: number): readonly (Version | null)[] => [
  versions.findLast(({ next }) => next <= required) ?? null,
  ...versions.filter(({ next }) => next > required && next <= reach),
]

const matchOf = ({ answers }: Version, id: StudentId, query: PullQuery, nowMs: number) =>
  findMatch([{ id, enrolments: answers.enrolments }], query, 'all', nowMs)

const says = (version: Version | null, { identifier, query, askedMs, result }: Seen): boolean => {
  if (version === null || version.answers.suspect) return false
  const match = matchOf(version, identifier, query, askedMs)
  if (match.kind !== 'one' || match.phase.body === null) return false
  const status = match.phase.status === 'active' ? 200 : 422
  return result.status === status && match.phase.body.equals(Buffer.from(result.body ?? ''))
}

/** What the projection has to answer once everything is applied; `null`: it must not answer. */
export const dueAnswer = (truth: Truth, identifier: StudentId, query: PullQuery, nowMs: number): Buffer | null => {
  const version = truth.versions.get(identifier)?.at(-1)
  if (version === undefined || version.answers.suspect) return null
  const match = matchOf(version, identifier, query, nowMs)
  return match.kind === 'one' ? match.phase.body : null
}
