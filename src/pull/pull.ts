import { decide, type ErpChoice, type Finding, type Reason } from '../../projections/decide.ts'
import { isAlive } from '../../projections/freshness.ts'
import type { StudentId } from '../../projections/ids.ts'
import type { ProjectionReader } from '../../projections/store.ts'
import type { Config } from '../config/load.ts'
import type { ErpDirectory } from '../erp/directory.ts'
import { envelope } from '../errors.ts'
import { type Found, findByCustom, findStudent } from './find.ts'
import type { KnownAnswer, LastKnownGood } from './last-known-good.ts'
import type { Pull, PullQuery, PullResult, Scope } from './port.ts'
import { type ProofDeps, type Proven, prove } from './proof.ts'
import type { Publishers } from './publishers.ts'

export type PullDeps = {
  readonly config: () => Pick<Config, 'branches' | 'erp'>
  readonly reader: ProjectionReader
  readonly proof: ProofDeps
  readonly publishers: Publishers
  readonly erps: Pick<ErpDirectory, 'forBranch'>
  readonly known: LastKnownGood
  /** When each partition was last proven, Unix milliseconds: how old the projection's own last word is. */
  readonly provenAt: Map<number, number>
  readonly partitionOf: (id: StudentId) => number
  readonly onFallback: (reason: Reason) => void
  /** A store that cannot be read, an ERP that answers nonsense; free of personal data. */
  readonly onFault: (what: string, detail: unknown) => void
  /** Unix milliseconds. */
  readonly clock: () => number
}

const RETRY_AFTER_SECONDS = 5

/** The projection where it is proven, else the branch's ERP, else what was last known if that is allowed, else nobody. */
export const pullFrom = (pullDeps: Omit<PullDeps, 'provenAt'>): Pull => {
  const deps: PullDeps = { ...pullDeps, provenAt: new Map() }
  return (asked, scope, deadline) => pull(deps, withImpliedBranch(asked, scope), scope, deadline)
}

const pull = async (deps: PullDeps, query: PullQuery, scope: Scope, deadline: number): Promise<PullResult> => {
  const proven = await look(deps, query, scope, deadline)
  if (proven?.freshness === 'proven')
    for (const { partition } of proven.read.partitions) deps.provenAt.set(partition, proven.asOfMs)
  const found = proven?.read ?? null
  const branch = found?.match.kind === 'one' ? found.match.enrolment.collectorCode : (query.collector_code ?? null)
  const erp = deps.erps.forBranch(branch)
  const finding: Finding = proven ? await judge(deps, proven, branch, erp === undefined) : { kind: 'unread' }
  const decision = decide(finding, erp ? 'configured' : absentErp(deps, branch), isUnscoped(query, scope))

  switch (decision.kind) {
    case 'answer':
      return projectionAnswer(proven!)
    case 'forbid':
      return { kind: 'failure', code: 'forbidden' }
    case 'decide': {
      deps.onFallback(decision.reason)
      const message = decision.code === 'data_error' ? dataError(decision.reason, branch) : undefined
      const body = envelope(decision.code, message)
      return {
        kind: 'answer',
        status: 422,
        body,
        source: 'projection',
        asOfMs: proven!.asOfMs,
        reason: decision.reason,
      }
    }
    case 'nobody':
      deps.onFallback(decision.reason)
      return lastResort(deps, query, decision.reason, proven, 'temporarily_unavailable')
    case 'ask_erp': {
      deps.onFallback(decision.reason)
      const outcome = await erp!.fetch(query, deadline)
      if (outcome.kind === 'answer') {
        const { status, body, saidAtMs } = outcome
        deps.known.remember(query, { status, body, saidAtMs })
        return { kind: 'answer', status, body, source: 'erp', asOfMs: saidAtMs, reason: decision.reason }
      }
      if (outcome.kind === 'bad_response') {
        deps.onFault('the ERP gave a bad response', outcome.detail)
        return lastResort(deps, query, decision.reason, proven, 'erp_bad_response')
      }
      return lastResort(deps, query, decision.reason, proven, 'temporarily_unavailable', outcome.retryAfterSeconds)
    }
  }
}

/** A client of one branch that names none means its own. */
const withImpliedBranch = (query: PullQuery, scope: Scope): PullQuery =>
  scope !== 'all' && scope.size === 1 && query.collector_code === undefined
    ? { ...query, collector_code: [...scope][0]! }
    : query

const isUnscoped = (query: PullQuery, scope: Scope): boolean => scope !== 'all' && query.collector_code === undefined

const look = async (
  deps: PullDeps,
  query: PullQuery,
  scope: Scope,
  deadline: number,
): Promise<Proven<Found> | null> => {
  const read = (): Promise<Found> => {
    if (query.identifier === undefined)
      return findByCustom(deps.reader, deps.partitionOf, query.custom_identifier ?? '', query, scope)
    const id = query.identifier as StudentId
    return findStudent(deps.reader, deps.partitionOf(id), id, query, scope)
  }
  try {
    return await prove(deps.proof, read, (found) => found.partitions, deadline)
  } catch (error) {
    deps.onFault('the store could not be read', error)
    return null
  }
}

/** Freshness beyond the student's own partition, where more is needed. */
const judge = async (
  deps: PullDeps,
  { read, freshness }: Proven<Found>,
  branch: string | null,
  noErp: boolean,
): Promise<Finding> => {
  const { match, suspect } = read
  const coherent = match.kind === 'one' && match.phase.body !== null
  const finding = { kind: 'read', suspect, match: match.kind, coherent, freshness } as const
  if (freshness !== 'proven') return finding
  try {
    const alive = await isPublisherAlive(deps, branch)
    const everywhere = match.kind === 'none' && noErp ? true : await hasMisrouter(deps, read)
    if (alive && (!everywhere || (await isProvenEverywhere(deps)))) return finding
  } catch (error) {
    deps.onFault('the store could not be read', error)
  }
  return { ...finding, freshness: 'behind' }
}

const isPublisherAlive = async ({ config, publishers, clock }: PullDeps, branch: string | null): Promise<boolean> => {
  const heartbeat =
    branch === null ? undefined : config().branches.find(({ collector_code }) => collector_code === branch)?.heartbeat
  if (!heartbeat) return true
  const heartbeats = await publishers.heartbeats()
  return isAlive(heartbeats.get(heartbeat.source), clock(), heartbeat.max_age_ms)
}

/** The next event of a source that has been seen misrouting may lie on any partition. */
const hasMisrouter = async ({ publishers }: PullDeps, { sources }: Found): Promise<boolean> => {
  const misrouting = await publishers.misrouting()
  return misrouting.size > 0 && sources.some((source) => misrouting.has(source))
}

const isProvenEverywhere = async ({ proof, reader }: PullDeps): Promise<boolean> => {
  const { freshness } = await prove(
    proof,
    reader.partitions,
    (partitions) => partitions,
    performance.now() + proof.waitMs,
  )
  return freshness === 'proven'
}

const absentErp = ({ config }: PullDeps, branch: string | null): Exclude<ErpChoice, 'configured'> => {
  const { erp, branches } = config()
  if (!erp && branches.every((known) => !known.erp)) return 'nowhere'
  return branch === null ? 'unnamed' : 'other_branches_only'
}

const projectionAnswer = ({ read, asOfMs }: Proven<Found>): PullResult => {
  if (read.match.kind !== 'one') throw new TypeError('an answer without a match')
  const { phase } = read.match
  return {
    kind: 'answer',
    status: phase.status === 'active' ? 200 : 422,
    body: phase.body ?? '',
    source: 'projection',
    asOfMs,
    ...(read.version !== null && { version: read.version }),
  }
}

const dataError = (reason: Reason, branch: string | null): string => {
  if (reason === 'miss')
    return branch === null
      ? 'collector_code is required: the branches have ERPs of their own'
      : 'No ERP is configured for this collector_code'
  return (
    { ambiguous: AMBIGUOUS, incoherent: INCOHERENT, suspect: SUSPECT }[reason as string] ??
    'The data at hand does not allow an answer.'
  )
}
const AMBIGUOUS = 'Several enrolments match; name grade, collector_code or academic_year_start'
const INCOHERENT = "The student's fees and payment schedule do not add up"
const SUSPECT = "Some of the student's data is missing or contradictory"

/** Where it is allowed, the youngest of the ERP's last answer and the projection's; else the failure. */
const lastResort = (
  deps: PullDeps,
  query: PullQuery,
  reason: Reason,
  proven: Proven<Found> | null,
  code: 'erp_bad_response' | 'temporarily_unavailable',
  retryAfterSeconds = RETRY_AFTER_SECONDS,
): PullResult => {
  const nowMs = deps.clock()
  const fromErp = deps.known.recall(query, nowMs)
  const projected = proven && reason === 'stale' ? projectedAnswer(deps, proven.read) : null
  const isUsable = projected !== null && deps.known.isYoungEnough(projected.saidAtMs, nowMs)
  const known = isUsable && (!fromErp || projected.saidAtMs > fromErp.saidAtMs) ? projected : fromErp
  if (!known) return { kind: 'failure', code, reason, retryAfterSeconds }
  const { status, body, saidAtMs } = known
  const ageSeconds = Math.max(0, Math.round((nowMs - saidAtMs) / 1000))
  return { kind: 'answer', status, body, source: 'last-known-good', asOfMs: saidAtMs, reason, ageSeconds }
}

/** What the projection said when its partitions were last proven, or later. */
const projectedAnswer = ({ provenAt }: PullDeps, { match, partitions }: Found): KnownAnswer | null => {
  if (match.kind !== 'one' || match.phase.body === null) return null
  const saidAtMs = Math.min(...partitions.map(({ partition }) => provenAt.get(partition) ?? Number.NEGATIVE_INFINITY))
  return { status: match.phase.status === 'active' ? 200 : 422, body: match.phase.body, saidAtMs }
}
