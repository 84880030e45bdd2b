import type { ProjectionWriter, StoreAdmin } from '../../consumers/ports/store.ts'
import { sameRecord } from '../../consumers/stored/record.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Builder } from './builder.ts'
import { type Census, census, missing } from './census.ts'

export type Comparison = {
  readonly students: { readonly live: number; readonly built: number }
  readonly suspects: { readonly live: number; readonly built: number }
  /** Number of students whose records were compared byte for byte, except for the packing of former years. */
  readonly compared: number
  readonly differences: readonly GenerationDifference[]
}

export type GenerationDifference =
  /** The records of this student differ; `null`: this generation lacks the student. */
  | { readonly kind: 'record'; readonly partition: number; readonly identifier: StudentId }
  | { readonly kind: 'suspects'; readonly partition: number; readonly live: number; readonly built: number }
  /** The generations never reached the same offset, so they were not compared. */
  | { readonly kind: 'never level'; readonly partition: number; readonly live: number; readonly built: number }

export type GenerationCompareDeps = {
  readonly store: Pick<ProjectionWriter, 'checkpoint' | 'load' | 'suspectCount'>
  readonly admin: Pick<StoreAdmin, 'students'>
  readonly builder: Pick<Builder, 'reach'>
  readonly partitions: number
  /** Number of students picked at random from either generation. */
  readonly sample: number
  readonly random: () => number
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Highest number of missing students that are named. */
const MISSING_AT_MOST = 1000
/** Milliseconds that the comparison waits for both generations to reach the same offset of a partition. */
const CHASE_MS = 15_000

/**
 * Two generations of one log under one fold hold the same bytes at the same offset. The live generation advances with
 * every event, so the other generation follows it until both are at one offset during a read.
 */
export const compare = async (deps: GenerationCompareDeps, live: number, built: number): Promise<Comparison> => {
  const [ofLive, ofBuilt] = [
    await census(deps.admin, live, deps.sample, deps.random),
    await census(deps.admin, built, deps.sample, deps.random),
  ]
  const selected = new Map<number, Set<StudentId>>()
  const select = (partition: number, identifier: StudentId) => {
    const known = selected.get(partition) ?? new Set<StudentId>()
    selected.set(partition, known.add(identifier))
  }
  for (const { sample } of [ofLive, ofBuilt] satisfies Census[])
    for (const [partition, ids] of sample) for (const id of ids) select(partition, id)
  if (ofLive.students !== ofBuilt.students) {
    const { load } = deps.store
    for (const [of, other] of [
      [live, built],
      [built, live],
    ] as const)
      for (const { partition, identifier } of await missing(deps.admin, load, of, other, MISSING_AT_MOST))
        select(partition, identifier)
  }

  const differences: GenerationDifference[] = []
  const suspects = { live: 0, built: 0 }
  let compared = 0
  for (let partition = 0; partition < deps.partitions; partition++) {
    const ids = [...(selected.get(partition) ?? [])]
    const level = await levelLook(deps, partition, live, built, ids)
    if (level.kind === 'never level') {
      differences.push({ partition, ...level })
      continue
    }
    compared += ids.length
    suspects.live += level.suspects[0]
    suspects.built += level.suspects[1]
    if (level.suspects[0] !== level.suspects[1])
      differences.push({ kind: 'suspects', partition, live: level.suspects[0], built: level.suspects[1] })
    for (const identifier of level.differing) differences.push({ kind: 'record', partition, identifier })
  }
  return { students: { live: ofLive.students, built: ofBuilt.students }, suspects, compared, differences }
}

type LevelLook =
  | { readonly kind: 'level'; readonly suspects: readonly [number, number]; readonly differing: readonly StudentId[] }
  | { readonly kind: 'never level'; readonly live: number; readonly built: number }

const levelLook = async (
  { store, builder, now, sleep }: GenerationCompareDeps,
  partition: number,
  live: number,
  built: number,
  ids: readonly StudentId[],
): Promise<LevelLook> => {
  const standing = async (): Promise<readonly [number, number]> => {
    const [first, second] = await Promise.all([store.checkpoint(live, partition), store.checkpoint(built, partition)])
    return [first?.next ?? 0, second?.next ?? 0]
  }
  const until = now() + CHASE_MS
  for (;;) {
    const [liveNext] = await standing()
    await builder.reach(partition, liveNext)
    const before = await standing()
    if (before[0] === before[1]) {
      const suspects = await Promise.all([store.suspectCount(live, partition), store.suspectCount(built, partition)])
      const differing = await differingIn(store, partition, live, built, ids)
      const after = await standing()
      if (after[0] === before[0] && after[1] === before[1]) return { kind: 'level', suspects, differing }
    }
    if (now() > until) return { kind: 'never level', live: before[0], built: before[1] }
    await sleep(5)
  }
}

const AT_ONCE = 100

const differingIn = async (
  { load }: GenerationCompareDeps['store'],
  partition: number,
  live: number,
  built: number,
  ids: readonly StudentId[],
): Promise<readonly StudentId[]> => {
  const differing: StudentId[] = []
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE)
    const [ours, theirs] = await Promise.all([load(live, partition, some), load(built, partition, some)])
    some.forEach((id, index) => {
      const [one, other] = [ours[index], theirs[index]]
      const same = one && other ? sameRecord(one, other) : one === other
      if (!same) differing.push(id)
    })
  }
  return differing
}
