import { builderSignatureOf, type GenerationDeps, initialiseGeneration } from '../../consumers/projector/generations.ts'
import { decodeMetadata } from '../../consumers/stored/checkpoint-metadata.ts'
import { checkIdentity } from '../../consumers/stored/log-identity.ts'
import { withBuildLock } from './build-lock.ts'
import type { BuildThrottle } from './build-throttle.ts'
import { BuildBroken, type Builder, type BuilderDeps, builder } from './builder.ts'
import { type Comparison, compare } from './compare.ts'
import { helpOver, type LagDeps, lagBehind } from './lag.ts'
import { type Helper, reachTogether } from './parallel-build.ts'

export type RebuildDeps = Omit<BuilderDeps, 'signal' | 'pace'> &
  GenerationDeps & {
    readonly pace: BuildThrottle
    /** Helpers, used where no pull is answered from the live generation. */
    readonly helpers: readonly Helper[]
    readonly random: () => number
    readonly sleep: (ms: number) => Promise<void>
    /** Number of applied events and of all events to apply; called often. */
    readonly onProgress: (done: number, total: number) => void
    readonly onPhase: (phase: RebuildPhase) => void
  }

export type RebuildPhase =
  | { readonly kind: 'building'; readonly generation: number; readonly resumed: boolean }
  /** The build does the helper's share without it. */
  | { readonly kind: 'helper failed'; readonly why: string }
  | { readonly kind: 'comparing' }
  | { readonly kind: 'not compared'; readonly why: string }
  | { readonly kind: 'switched'; readonly generation: number; readonly former: number | null }
  | { readonly kind: 'removing'; readonly generation: number; readonly keys: number }

export type RebuildOptions = {
  /** Number of students compared byte for byte; `null`: no comparison. */
  readonly sample: number | null
  readonly acceptDifferences: boolean
}

export type RebuildOutcome =
  /** `comparison` is null where no comparison was possible or wanted. */
  | {
      readonly kind: 'switched'
      readonly generation: number
      readonly former: number | null
      /** Number of events at the start of the build, and the time to apply all of them. */
      readonly events: number
      readonly buildSeconds: number
      /** Seconds that the build paused for readers of the store. */
      readonly restedSeconds: number
      readonly comparison: Comparison | null
    }
  /** The generation remains inactive and unchanged; another run continues from it. */
  | { readonly kind: 'different'; readonly generation: number; readonly comparison: Comparison }
  /** Another process holds the build lock. */
  | { readonly kind: 'busy' }
  /** Another process has activated a different generation. */
  | { readonly kind: 'overtaken' }

/**
 * Builds a generation from the log while another is active, compares both, and switches. Rejects when the signal
 * aborts.
 */
export const rebuild = async (
  deps: RebuildDeps,
  options: RebuildOptions,
  stop: AbortSignal,
): Promise<RebuildOutcome> => {
  const outcome = await withBuildLock(deps.admin, stop, async (signal): Promise<RebuildOutcome> => {
    const { active } = await deps.admin.generations()
    const progress = counting(deps)
    const { generation, build } = await begun({ ...deps, pace: progress.pace, signal })
    const lag: LagDeps = { ...deps, builder: build, signal }
    const live = await liveness(deps, active)
    if (live.kind === 'idle') deps.pace.hurry()
    else await deps.pace.measure()
    const total = await lagBehind(lag)
    const events = [...total.values()].reduce((sum, { from, to }) => sum + to - from, 0)
    progress.expect(events)

    const beganMs = deps.now()
    const restedBeforeMs = deps.pace.restedMs()
    let builtMs = Number.NaN
    let comparison: Comparison | null = null
    if (options.sample !== null && active !== null && live.kind === 'comparable') {
      // Stops at the live generation's offsets, so that both generations have reached one common offset.
      await build.reachAll(await livePlaces(deps, active, total))
      builtMs = deps.now()
      deps.onPhase({ kind: 'comparing' })
      comparison = await compare({ ...deps, builder: build, sample: options.sample }, active, generation)
      if (comparison.differences.length > 0 && !options.acceptDifferences)
        return { kind: 'different', generation, comparison }
    } else if (options.sample !== null && live.kind !== 'comparable')
      deps.onPhase({ kind: 'not compared', why: live.why })

    if (live.kind === 'idle') {
      const failed = (why: string): void => deps.onPhase({ kind: 'helper failed', why })
      await reachTogether(total, { build, generation, helpers: deps.helpers, done: progress.done, failed, signal })
    }
    await caughtUp(lag)
    if (Number.isNaN(builtMs)) builtMs = deps.now()
    const restedSeconds = Math.round(deps.pace.restedMs() - restedBeforeMs) / 1000
    signal.throwIfAborted()
    if (!(await deps.admin.activate(active, generation))) return { kind: 'overtaken' }
    deps.onPhase({ kind: 'switched', generation, former: active })
    await helpOver(lag, generation)
    await removeLeftovers(deps)
    const buildSeconds = Math.round(builtMs - beganMs) / 1000
    return { kind: 'switched', generation, former: active, events, buildSeconds, restedSeconds, comparison }
  })
  return outcome === 'busy' ? { kind: 'busy' } : outcome
}

/** Counts the events that pass the pace and reports the progress against the events at the start. */
const counting = ({ pace, onProgress }: RebuildDeps) => {
  let [all, total] = [0, 0]
  const done = (records: number): void => {
    all += records
    onProgress(all, Math.max(all, total))
  }
  return {
    expect: (events: number): void => {
      total = events
    },
    done,
    pace: {
      recordsAtOnce: pace.recordsAtOnce,
      paced: async <T>(records: number, work: () => Promise<T>): Promise<T> => {
        const worked = await pace.paced(records, work)
        done(records)
        return worked
      },
    },
  }
}

/** Attempts to begin: an unsuitable generation may exist, and the log may change while another one is begun. */
const BEGINNINGS = 20

/**
 * Returns the unfinished generation where its fold and log match, else a new one; an unsuitable generation is removed.
 * Data may exist under a new number too: an emptied store assigns numbers again while an old builder continues.
 */
const begun = async (
  deps: Omit<RebuildDeps, 'pace'> & BuilderDeps,
): Promise<{ readonly generation: number; readonly build: Builder }> => {
  for (let left = BEGINNINGS; ; left--) {
    const { building } = await deps.admin.generations()
    const generation = await deps.admin.beginBuild()
    const resumed = building === generation
    const maker = await builderSignatureOf(deps, generation)
    if ((maker === null || maker === deps.signature) && (await initialiseGeneration(deps, generation, 'start'))) {
      const build = builder(generation, deps)
      try {
        await build.start()
        deps.onPhase({ kind: 'building', generation, resumed })
        return { generation, build }
      } catch (error) {
        if (!(error instanceof BuildBroken) || left === 1) throw error
      }
    }
    await remove(deps, generation)
  }
}

/**
 * How the active generation relates to the new one. `comparable`: both must hold the same bytes. `foreign`: other
 * processes serve from it, in a different format. `partly`: some of its partitions are valid, and pulls are answered
 * from them. `idle`: no pull is answered from it, so the build needs to leave no room.
 */
type Liveness = { readonly kind: 'comparable' } | { readonly kind: 'foreign' | 'partly' | 'idle'; readonly why: string }

const liveness = async (deps: RebuildDeps, active: number | null): Promise<Liveness> => {
  if (active === null) return { kind: 'idle', why: 'there is no active generation' }
  if ((await builderSignatureOf(deps, active)) !== deps.signature)
    return { kind: 'foreign', why: 'the active generation was made by another version, policy or timezone' }
  const broken: string[] = []
  for (let partition = 0; partition < deps.partitions; partition++) {
    const why = await whyBroken(deps, active, partition)
    if (why !== null) broken.push(why)
  }
  const [why] = broken
  if (why === undefined) return { kind: 'comparable' }
  return { kind: broken.length === deps.partitions ? 'idle' : 'partly', why }
}

const whyBroken = async (deps: RebuildDeps, active: number, partition: number): Promise<string | null> => {
  const checkpoint = await deps.store.checkpoint(active, partition)
  if (checkpoint === null) return `the active generation has no checkpoint of partition ${partition}`
  const { next, metadata } = checkpoint
  const identity = await checkIdentity(deps.log, deps, partition, next, decodeMetadata(metadata))
  if (identity.kind !== 'broken') return null
  return `the active generation was made from another log (partition ${partition}: ${identity.why})`
}

/** The live generation's offsets, never beyond the offsets to build. */
const livePlaces = async (
  { store }: RebuildDeps,
  active: number,
  total: ReadonlyMap<number, { readonly to: number }>,
): Promise<ReadonlyMap<number, number>> => {
  const places = Array.from(total, async ([partition, { to }]): Promise<[number, number]> => {
    const checkpoint = await store.checkpoint(active, partition)
    return [partition, Math.min(to, checkpoint?.next ?? to)]
  })
  return new Map(await Promise.all(places))
}

const PASSES = 20
const NEAR_EVENTS = 500

/** Applies up to the end of the log, repeatedly, because new events arrive, until the end is near. */
const caughtUp = async (lag: LagDeps): Promise<void> => {
  for (let pass = 0; pass < PASSES; pass++) {
    const behind = await lagBehind(lag)
    const events = [...behind.values()].reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)
    await lag.builder.reachAll(new Map(Array.from(behind, ([partition, { to }]) => [partition, to])))
    if (events <= NEAR_EVENTS) return
  }
}

/** Removes the former generation, so that no rollback is possible; leftovers of an interrupted run are removed too. */
export const removeFormer = (deps: RebuildDeps, stop: AbortSignal): Promise<readonly number[] | 'busy'> =>
  withBuildLock(deps.admin, stop, async () => {
    const { former, building, leftovers } = await deps.admin.generations()
    const gone = [former, building, ...leftovers].filter((generation) => generation !== null)
    for (const generation of gone) await remove(deps, generation)
    return gone
  })

/** Removes gradually, because the store serves pulls meanwhile. */
const removeLeftovers = async (deps: RebuildDeps): Promise<void> => {
  const { leftovers } = await deps.admin.generations()
  for (const generation of leftovers) await remove(deps, generation)
}

const BREATH_MS = 5

const remove = async (deps: Pick<RebuildDeps, 'admin' | 'onPhase' | 'sleep'>, generation: number): Promise<void> => {
  await deps.admin.removeGeneration(generation, async (keys) => {
    deps.onPhase({ kind: 'removing', generation, keys })
    await deps.sleep(BREATH_MS)
  })
}
