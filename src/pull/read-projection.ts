import type { ProjectionReader } from '../../consumers/ports/store.ts'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { Config } from '../config/load.ts'
import { checkFreshness, type FreshnessDeps, type Proven } from './check-freshness.ts'
import { isAlive } from './freshness.ts'
import { type EnrolmentMatch, type MatchDeps, matchEnrolment } from './match-enrolment.ts'
import type { Publishers } from './publishers.ts'

export type ReadProjectionDeps = MatchDeps & {
  readonly config: () => Pick<Config, 'branches' | 'erp'>
  readonly reader: Pick<ProjectionReader, 'student' | 'byCustom' | 'partitions'>
  readonly proof: FreshnessDeps
  readonly publishers: Publishers
  /** A store that cannot be read; free of personal data. */
  readonly onFault: (what: string, detail: unknown) => void
}

/** How old what pulls know of publishers may be. */
const HEARTBEATS_MAX_AGE_MS = 200
const MISROUTING_MAX_AGE_MS = 50
/** Before a publisher is called dead, its heartbeats are read again, at most this often. */
const SECOND_LOOK_MS = 20

/** The match's branch, else the one that was asked for. */
export const branchOf = (found: EnrolmentMatch | null, query: PullQuery): string | null =>
  found?.match.kind === 'one' ? found.match.enrolment.collectorCode : (query.collector_code ?? null)

/** What the projection says, and whether it is proven, as far as the lookup needs it. `null`: it cannot be read. */
export const readProjection = async (
  deps: ReadProjectionDeps,
  query: PullQuery,
  scope: Scope,
  deadline: number,
): Promise<Proven<EnrolmentMatch> | null> => {
  const lookOnce = (proof: FreshnessDeps) =>
    checkFreshness(
      proof,
      () => matchEnrolment(deps, query, scope),
      (found) => found.partitions,
      deadline,
    )
  let first: Proven<EnrolmentMatch> | null = null
  try {
    first = await lookOnce(deps.proof)
    if (first.freshness !== 'proven') return first
    if (!(await arePublishersAlive(deps, first.read, query))) return behind(first)
    const need = await neededBeyond(deps, first.read, query)
    if (need === 'nothing') return first
    if (need === 'impossible') return behind(first)
    const last = await lookFurther(deps, first, need, lookOnce, deadline)
    // It may have found the student in another branch.
    if (last.freshness !== 'proven' || (await arePublishersAlive(deps, last.read, query))) return last
    return behind(last)
  } catch (error) {
    deps.onFault('the store could not be read', error)
    return first && behind(first)
  }
}

const behind = <T>(proven: Proven<T>): Proven<T> => ({ ...proven, freshness: 'behind' })

type Heartbeat = NonNullable<Config['branches'][number]['heartbeat']>

/** By branch, made once for each configuration: a list of three hundred branches is not searched for each pull. */
const watches = new WeakMap<object, ReadonlyMap<string, Heartbeat>>()

const heartbeatsOf = (config: Pick<Config, 'branches'>): ReadonlyMap<string, Heartbeat> => {
  const known = watches.get(config)
  if (known) return known
  const made = new Map(
    config.branches.flatMap(({ collector_code, heartbeat }) => (heartbeat ? [[collector_code, heartbeat]] : [])),
  )
  watches.set(config, made)
  return made
}

/** When the branch's publisher was last heard of, Unix milliseconds: for ever lately where nobody listens for it. */
export const heardAtMs = async (
  { config, publishers }: Pick<ReadProjectionDeps, 'config' | 'publishers'>,
  branch: string | null,
): Promise<number> => {
  const heartbeat = branch === null ? undefined : heartbeatsOf(config()).get(branch)
  if (!heartbeat) return Number.POSITIVE_INFINITY
  const heartbeats = await publishers.heartbeats(HEARTBEATS_MAX_AGE_MS).catch(() => null)
  return heartbeats?.get(heartbeat.source) ?? Number.NEGATIVE_INFINITY
}

/** A dead publisher has no lag. Where no branch is named and nothing was found, any of them may be the one that is silent. */
const arePublishersAlive = async (
  deps: ReadProjectionDeps,
  found: EnrolmentMatch,
  query: PullQuery,
): Promise<boolean> => {
  const branch = branchOf(found, query)
  const all = heartbeatsOf(deps.config())
  const one = branch === null ? undefined : all.get(branch)
  const watched = one ? [one] : branch === null && found.match.kind === 'none' ? [...all.values()] : []
  if (watched.length === 0) return true
  const areAlive = async (knownForMs: number): Promise<boolean> => {
    const heartbeats = await deps.publishers.heartbeats(knownForMs)
    return watched.every(({ source, max_age_ms }) => isAlive(heartbeats.get(source), deps.clock(), max_age_ms))
  }
  return (await areAlive(HEARTBEATS_MAX_AGE_MS)) || (await areAlive(SECOND_LOOK_MS))
}

/** Whose events may lie on other partitions than the student's own. */
type Need = 'nothing' | 'every_partition' | 'every_partition_strictly' | 'impossible'

/**
 * The next event of a source that has been seen misrouting may be on any partition, and so may all that would contradict
 * that there is no such student. A lease says nothing about events that are moved meanwhile: where they are to be
 * expected, the log itself is asked in either mode.
 */
const neededBeyond = async (deps: ReadProjectionDeps, found: EnrolmentMatch, query: PullQuery): Promise<Need> => {
  if (query.identifier === undefined)
    // Every partition is proven, and with them who has misrouted before.
    return (await deps.publishers.misrouting(0)).size === 0 ? 'nothing' : 'every_partition_strictly'
  const { erp, branches } = deps.config()
  if (found.match.kind === 'none' && !erp && branches.every((branch) => !branch.erp))
    return found.doubtOutOfSight ? 'impossible' : 'every_partition'
  const misrouting = await deps.publishers.misrouting(MISROUTING_MAX_AGE_MS)
  const isMisrouted = misrouting.size > 0 && found.sources.some((source) => misrouting.has(source))
  return isMisrouted ? 'every_partition_strictly' : 'nothing'
}

/**
 * First every partition, then the lookup anew: once the wrong partition is proven, its records have been moved to the
 * right one. Only a read that begins after that is sure to include them.
 */
const lookFurther = async (
  deps: ReadProjectionDeps,
  first: Proven<EnrolmentMatch>,
  need: Exclude<Need, 'nothing' | 'impossible'>,
  lookOnce: (proof: FreshnessDeps) => Promise<Proven<EnrolmentMatch>>,
  deadline: number,
): Promise<Proven<EnrolmentMatch>> => {
  const everywhere = (proof: FreshnessDeps) =>
    checkFreshness(proof, deps.reader.partitions, (partitions) => partitions, deadline)
  const strict: FreshnessDeps = { ...deps.proof, mode: 'strict' }
  let proof = need === 'every_partition' ? deps.proof : strict
  let all = await everywhere(proof)
  if (all.freshness !== 'proven') return behind(first)
  if (proof.mode === 'bounded' && (await deps.publishers.misrouting(0)).size > 0) {
    proof = strict
    all = await everywhere(proof)
    if (all.freshness !== 'proven') return behind(first)
  }
  const again = await lookOnce(proof)
  return { ...again, asOfMs: Math.min(all.asOfMs, again.asOfMs) }
}
