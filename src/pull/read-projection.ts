import type { PartitionView, ProjectionReader } from '../../consumers/ports/store.ts'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Config } from '../config/load.ts'
import {
  type Coverage,
  checkFreshness,
  type FreshnessDeps,
  type FreshnessReads,
  type Proven,
} from './check-freshness.ts'
import { isAlive } from './freshness.ts'
import { type EnrolmentMatch, type MatchDeps, matchEnrolment } from './match-enrolment.ts'
import type { Publishers } from './publishers.ts'

export type ReadProjectionDeps = MatchDeps & {
  readonly config: () => Pick<Config, 'branches' | 'erp'>
  readonly reader: Pick<ProjectionReader, 'student' | 'studentAhead' | 'byCustom' | 'partitions' | 'partitionsAhead'>
  readonly proof: FreshnessDeps
  readonly publishers: Publishers
  /** Reports a store that cannot be read; free of personal data. */
  readonly onFault: (what: string, detail: unknown) => void
}

/** Highest age, in milliseconds, of what pulls know of publishers. */
const HEARTBEATS_MAX_AGE_MS = 200
const MISROUTING_MAX_AGE_MS = 50

/** The match's branch, else the requested branch. */
export const branchOf = (found: EnrolmentMatch | null, query: PullQuery): string | null =>
  found?.match.kind === 'one' ? found.match.enrolment.collectorCode : (query.collector_code ?? null)

/**
 * The projection's result and whether it is proven, as far as the lookup needs. `null`: the projection cannot be read.
 */
export const readProjection = async (
  deps: ReadProjectionDeps,
  query: PullQuery,
  scope: Scope,
  deadline: number,
): Promise<Proven<EnrolmentMatch> | null> => {
  const wanted = query.identifier === undefined ? 'all' : deps.partitionOf(query.identifier as StudentId)
  const readProven: ProvenRead = (proof, coverage) => {
    const read = () => matchEnrolment(deps, query, scope)
    const readAhead = () => matchEnrolment(ahead(deps), query, scope)
    const mayLookAhead = coverage === 'student' && query.identifier !== undefined
    const reads: FreshnessReads<EnrolmentMatch> = {
      wanted,
      read,
      readAhead: mayLookAhead ? readAhead : undefined,
      partitionsOf,
    }
    return checkFreshness(proof, reads, deadline)
  }
  let first: Proven<EnrolmentMatch> | null = null
  try {
    first = await readProven(deps.proof, 'student')
    if (first.freshness !== 'proven') return first
    if (!(await arePublishersAlive(deps, first.read, query, deadline))) return behind(first)
    const need = await neededBeyond(deps, first, query)
    if (need === 'nothing') return first
    if (need === 'impossible') return behind(first)
    const last = await readBeyond(deps, first, { need, readProven, query, deadline })
    // The second read may have found the student in another branch.
    if (last.freshness !== 'proven' || (await arePublishersAlive(deps, last.read, query, deadline))) return last
    return behind(last)
  } catch (error) {
    deps.onFault('the store could not be read', error)
    return first && behind(first)
  }
}

type ProvenRead = (proof: FreshnessDeps, coverage: Coverage) => Promise<Proven<EnrolmentMatch>>

const partitionsOf = ({ partitions }: EnrolmentMatch): EnrolmentMatch['partitions'] => partitions

const ahead = (deps: ReadProjectionDeps): ReadProjectionDeps => ({
  ...deps,
  reader: { ...deps.reader, student: deps.reader.studentAhead },
})

const behind = <T>(proven: Proven<T>): Proven<T> => ({ ...proven, freshness: 'behind' })

type Heartbeat = NonNullable<Config['branches'][number]['heartbeat']>

/** By branch, built once for each configuration, so that no pull searches a list of three hundred branches. */
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

/**
 * Time of the last heartbeat of the branch's publisher, Unix milliseconds; Infinity when no heartbeat is configured.
 */
export const heardAtMs = async (
  { config, publishers }: Pick<ReadProjectionDeps, 'config' | 'publishers'>,
  branch: string | null,
): Promise<number> => {
  const heartbeat = branch === null ? undefined : heartbeatsOf(config()).get(branch)
  if (!heartbeat) return Number.POSITIVE_INFINITY
  const heartbeats = await publishers.heartbeats(HEARTBEATS_MAX_AGE_MS).catch(() => null)
  return heartbeats?.get(heartbeat.source) ?? Number.NEGATIVE_INFINITY
}

/**
 * A dead publisher shows no lag. Where no branch is named and nothing was found, any publisher may be the silent one. A
 * heartbeat may be on any partition: a publisher counts as dead only once all partitions are applied, or the wait is over.
 */
const arePublishersAlive = async (
  deps: ReadProjectionDeps,
  found: EnrolmentMatch,
  query: PullQuery,
  deadline: number,
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
  if (await areAlive(HEARTBEATS_MAX_AGE_MS)) return true
  await checkFreshness(deps.proof, allPartitions(deps), deadline)
  return await areAlive(0)
}

const allPartitions = ({ reader }: ReadProjectionDeps): FreshnessReads<readonly PartitionView[]> => ({
  wanted: 'all',
  read: reader.partitions,
  partitionsOf: (views) => views,
})

/** Whose events may lie on other partitions than the student's own. */
type Need = 'nothing' | 'every_partition' | 'every_partition_strictly' | 'impossible'

/**
 * Decides which other partitions must be proven. The next event of a misrouting source may be on any partition, and so
 * may the record that contradicts "no such student". A lease does not cover records that are being moved: where they
 * are possible, the log's end is requested in either mode. Where only the student's own events are proven, a misrouted
 * record ahead may be the first of its source. Every pull then needs every partition.
 */
const neededBeyond = async (
  deps: ReadProjectionDeps,
  { read: found, covers }: Proven<EnrolmentMatch>,
  query: PullQuery,
): Promise<Need> => {
  if (query.identifier === undefined)
    // Every partition is proven, and so are the sources that have misrouted before.
    return (await deps.publishers.misrouting(0)).size === 0 ? 'nothing' : 'every_partition_strictly'
  const { erp, branches } = deps.config()
  if (found.match.kind === 'none' && !erp && branches.every((branch) => !branch.erp))
    return found.isSuspectOutOfScope ? 'impossible' : 'every_partition'
  const { sources, isPending } =
    covers === 'student'
      ? await deps.publishers.misroutingAhead(MISROUTING_MAX_AGE_MS)
      : { sources: await deps.publishers.misrouting(MISROUTING_MAX_AGE_MS), isPending: false }
  const isMisrouted = isPending || (sources.size > 0 && found.sources.some((source) => sources.has(source)))
  return isMisrouted ? 'every_partition_strictly' : 'nothing'
}

type ReadBeyond = {
  readonly need: Exclude<Need, 'nothing' | 'impossible'>
  readonly readProven: ProvenRead
  readonly query: PullQuery
  readonly deadline: number
}

/**
 * Proves every partition first, then repeats the lookup. Once the wrong partition is proven, its records are on the
 * right one, and only a later read is sure to include them.
 */
const readBeyond = async (
  deps: ReadProjectionDeps,
  first: Proven<EnrolmentMatch>,
  { need, readProven, query, deadline }: ReadBeyond,
): Promise<Proven<EnrolmentMatch>> => {
  // "No such student", and all students of a custom identifier, need every event of every partition.
  const coverage = need === 'every_partition' || query.identifier === undefined ? 'partitions' : 'student'
  const readAhead = () => deps.reader.partitionsAhead(query.identifier as StudentId)
  const reads = { ...allPartitions(deps), readAhead: coverage === 'student' ? readAhead : undefined }
  const everywhere = (proof: FreshnessDeps) => checkFreshness(proof, reads, deadline)
  const strict: FreshnessDeps = { ...deps.proof, mode: 'strict' }
  let proof = need === 'every_partition' ? deps.proof : strict
  let all = await everywhere(proof)
  if (all.freshness !== 'proven') return behind(first)
  if (proof.mode === 'bounded' && (await deps.publishers.misrouting(0)).size > 0) {
    proof = strict
    all = await everywhere(proof)
    if (all.freshness !== 'proven') return behind(first)
  }
  const again = await readProven(proof, coverage)
  return { ...again, asOfMs: Math.min(all.asOfMs, again.asOfMs) }
}
