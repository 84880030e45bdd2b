import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { ErpOutcome } from '../erp/port.ts'
import type { KnownAnswer, LastKnownGood } from './last-known-good.ts'
import { type EnrolmentMatch, type MatchDeps, matchEnrolment } from './match-enrolment.ts'
import { markIn, markNow, markThen, type StudentMark } from './student-mark.ts'

export type KnownDeps = MatchDeps & { readonly known: LastKnownGood }

/**
 * Keeps the ERP's answer with the student's mark from before the ERP call. Not kept: a refusal of a lookup whose
 * student is unknown, and the answer about a student that changed meanwhile.
 *
 * @param read the projection's result before the call; `null`: it could not be read
 */
export const rememberAnswer = async (
  deps: KnownDeps,
  query: PullQuery,
  read: EnrolmentMatch | null,
  { status, body, saidAtMs, identifier }: Extract<ErpOutcome, { kind: 'answer' }>,
): Promise<void> => {
  if (!deps.known.isAllowed) return
  const answer = { status, body, saidAtMs }
  const id = (query.identifier ?? identifier) as StudentId | undefined
  if (read === null) return deps.known.remember(query, answer, null)
  if (id === undefined) return
  const seen = markIn(read, id, query.identifier, deps.partitionOf(id))
  const mark = seen ?? (await markThen(deps, read, id).catch(() => null))
  if (mark !== null) deps.known.remember(query, answer, mark)
}

/** Milliseconds that remain for a pull after its ERP has used up the time. */
const LEAST_MS = 25

type Look = { readonly read: EnrolmentMatch | null; readonly mark: StudentMark | null }
const BLIND: Look = { read: null, mark: null }

/**
 * Reads the projection once more: the ERP call may have taken seconds, and an erasure counts at once. A store that does
 * not answer in time counts as unreadable.
 */
export const recallAnswer = async (
  deps: KnownDeps,
  query: PullQuery,
  scope: Scope,
  heardMs: number,
  deadline: number,
): Promise<KnownAnswer | null> => {
  const { known } = deps
  if (!known.isAllowed) return null
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Look>((resolve) => {
    timer = setTimeout(resolve, Math.max(LEAST_MS, deadline - performance.now()), BLIND)
  })
  const latest = await Promise.race([readAgain(deps, query, scope).catch(() => BLIND), late])
  clearTimeout(timer)
  if (latest.read !== null) known.seen(latest.read.partitions)
  return known.recall(query, latest.read, latest.mark, heardMs, deps.clock())
}

const readAgain = async (deps: KnownDeps, query: PullQuery, scope: Scope): Promise<Look> => {
  const read = await matchEnrolment(deps, query, scope)
  const id = deps.known.studentOf(query)
  if (id === null) return { read, mark: null }
  const mark = markIn(read, id, query.identifier, deps.partitionOf(id)) ?? (await markNow(deps, id))
  return { read, mark }
}
