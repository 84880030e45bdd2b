import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpDirectory } from '../erp/directory.ts'
import type { ErpOutcome } from '../erp/port.ts'
import { envelope } from '../errors.ts'
import { type AnswerAbout, answerAbout } from './answer-about.ts'
import type { Proven } from './check-freshness.ts'
import { type Decision, decide, type ErpChoice, type ProjectionFinding, type Situation } from './decide.ts'
import { type KnownDeps, recallAnswer, rememberAnswer } from './known-answers.ts'
import type { KnownAnswer } from './last-known-good.ts'
import type { EnrolmentMatch } from './match-enrolment.ts'
import type { Pull, PullAsker, PullResult } from './port.ts'
import { branchOf, heardAtMs, type ReadProjectionDeps, readProjection } from './read-projection.ts'
import type { FallbackReason } from './reasons.ts'
import { refusalMessage } from './refusal-message.ts'

export type PullDeps = ReadProjectionDeps &
  KnownDeps & {
    readonly erps: Pick<ErpDirectory, 'forBranch'>
    readonly onFallback: (reason: FallbackReason) => void
    /** The projection answers although the student's partition is behind. */
    readonly onAhead: () => void
  }

const RETRY_AFTER_SECONDS = 5

/**
 * Answers from the projection where it is proven, else from the branch's ERP, else from the last known answer if
 * allowed, else not at all.
 */
export const pullFrom =
  (deps: PullDeps): Pull =>
  (asked, asker, deadline) =>
    pull(deps, withImpliedBranch(asked, asker.scope), asker, deadline)

const pull = async (
  deps: PullDeps,
  query: PullQuery,
  { username, scope }: PullAsker,
  deadline: number,
): Promise<PullResult> => {
  const proven = await readInTime(deps, query, scope, deadline)
  if (proven) deps.known.seen(proven.read.partitions)
  if (proven?.freshness === 'proven' && proven.covers === 'partitions')
    deps.known.proven(proven.read.partitions, proven.asOfMs)
  const branch = branchOf(proven?.read ?? null, query)
  // The ERP is chosen as late as possible, because a reload may replace it.
  const erp = deps.erps.forBranch(branch)
  const before: Situation = {
    finding: proven ? findingOf(proven) : { kind: 'unread' },
    erp: erp ? 'configured' : absentErp(deps, branch),
    unscoped: scope !== 'all' && query.collector_code === undefined,
    asked: 'not_yet',
    lastKnown: false,
  }
  const first = decide(before)
  if (first.kind === 'projection') {
    if (proven?.covers === 'student') deps.onAhead()
    return projectionAnswer(proven!)
  }
  if (first.kind === 'forbid') return { kind: 'failure', code: 'forbidden' }
  deps.onFallback(first.reason)
  if (first.kind === 'refuse') return refusal(first, branch, query, proven!)

  const outcome = first.kind === 'ask_erp' ? await erp!.fetch(query, username, deadline) : null
  if (outcome?.kind === 'answer') {
    const { status, body, saidAtMs } = outcome
    await rememberAnswer(deps, query, proven?.read ?? null, outcome)
    const about = answerAbout(query, proven?.read ?? null)
    return { kind: 'answer', status, body, source: 'erp', asOfMs: saidAtMs, reason: first.reason, about }
  }
  const heardMs = await heardAtMs(deps, branch)
  const known = await recallAnswer(deps, query, scope, heardMs, deadline)
  const last = decide({ ...before, asked: outcome?.kind ?? 'not_yet', lastKnown: known !== null })
  if (known && last.kind === 'last_known_good')
    return lastKnownAnswer(known, last.reason, deps.clock(), answerAbout(query, proven?.read ?? null))
  if (last.kind !== 'fail') throw new TypeError(`${last.kind} after the ERP was asked`)
  return { kind: 'failure', code: last.code, reason: last.reason, retryAfterSeconds: retryAfter(outcome), branch }
}

/** A client of one branch that names none means its own. */
const withImpliedBranch = (query: PullQuery, scope: Scope): PullQuery =>
  scope !== 'all' && scope.size === 1 && query.collector_code === undefined
    ? { ...query, collector_code: [...scope][0]! }
    : query

/** Longest time of one projection read while servers hang: a read and two waits for the log, each twice. */
const LONGEST_READ_MS = 4_000

/** The projection may take half of a pull's time; the other half is reserved for the ERP. */
const readInTime = async (
  deps: PullDeps,
  query: PullQuery,
  scope: Scope,
  deadline: number,
): Promise<Proven<EnrolmentMatch> | null> => {
  const now = performance.now()
  const until = now + (deadline - now) / 2
  const reading = readProjection(deps, query, scope, until)
  // No timer where it could not fire.
  if (until - now >= LONGEST_READ_MS) return reading
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, until - now, null)
  })
  return Promise.race([reading, late]).finally(() => clearTimeout(timer))
}

const findingOf = ({ read: { match, suspect }, freshness }: Proven<EnrolmentMatch>): ProjectionFinding => ({
  kind: 'read',
  suspect,
  match: match.kind,
  coherent: match.kind === 'one' && match.phase.body !== null,
  freshness,
})

const absentErp = ({ config }: PullDeps, branch: string | null): Exclude<ErpChoice, 'configured'> => {
  const { erp, branches } = config()
  if (!erp && branches.every((known) => !known.erp)) return 'nowhere'
  return branch === null ? 'unnamed' : 'other_branches_only'
}

const projectionAnswer = ({ read: { match, version, partitions }, asOfMs }: Proven<EnrolmentMatch>): PullResult => {
  if (match.kind !== 'one' || match.phase.body === null) throw new TypeError('an answer without a match')
  const { status, body } = match.phase
  return {
    kind: 'answer',
    status: status === 'active' ? 200 : 422,
    body,
    source: 'projection',
    asOfMs,
    ...(version !== null && { version }),
    about: { id: match.id, enrolment: match.enrolment, partitions },
  }
}

const refusal = (
  { code, reason }: Extract<Decision, { kind: 'refuse' }>,
  branch: string | null,
  query: PullQuery,
  { read, asOfMs }: Proven<EnrolmentMatch>,
): PullResult => {
  const wants = read.match.kind === 'one' ? read.match.phase.wants : null
  const body = envelope(code, code === 'data_error' ? refusalMessage(reason, branch, wants) : undefined)
  return { kind: 'answer', status: 422, body, source: 'projection', asOfMs, reason, about: answerAbout(query, read) }
}

const lastKnownAnswer = (
  { status, body, saidAtMs }: KnownAnswer,
  reason: FallbackReason,
  nowMs: number,
  about: AnswerAbout,
): PullResult => {
  const ageSeconds = Math.max(0, Math.round((nowMs - saidAtMs) / 1000))
  return { kind: 'answer', status, body, source: 'last-known-good', asOfMs: saidAtMs, reason, ageSeconds, about }
}

const retryAfter = (outcome: ErpOutcome | null): number =>
  (outcome?.kind === 'unavailable' ? outcome.retryAfterSeconds : undefined) ?? RETRY_AFTER_SECONDS
