import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { Partition } from '../../../src/memory/store-partition.ts'
import { type Job, type JobOutcome, type RunningJob, startJob } from './rebuilding.ts'
import type { World } from './world.ts'

type Fault = (world: World) => Promise<void>

/** How long somebody waits for one of them before he kills it. */
const PATIENCE_MS = 40_000
/** As long as a dead builder keeps others out, and a little more. */
const HELD_MS = 15_500

/** `null`: it took too long and was killed. */
const ended = async (world: World, { proc, outcome }: RunningJob): Promise<JobOutcome | null> => {
  const first = await Promise.race([outcome, world.time.sleep(PATIENCE_MS).then(() => null)])
  if (first === null) {
    proc.alive = false
    world.counts.add('rebuild: took too long and was killed')
  } else world.violations.push(...outcomeFaults(first))
  return first
}

/** Nobody is in all of a seed's histories: a record of this student is in a generation only where it was put there. */
export const GHOST = 'nobody knows this one' as StudentId

/** Whatever befalls the store, two generations that stand level hold the same. */
export const outcomeFaults = (outcome: JobOutcome): readonly string[] => {
  const differences = 'comparison' in outcome ? (outcome.comparison?.differences ?? []) : []
  return differences
    .filter((one) => one.kind !== 'never level' && !(one.kind === 'record' && one.identifier === GHOST))
    .map(({ kind, partition }) => `wrong: a rebuild found a difference (${kind}) in partition ${partition}`)
}

const undisturbed: Fault = async (world) => {
  world.counts.add('fault: rebuild')
  await ended(world, startJob(world, 'rebuild'))
}

const killed: Fault = async (world) => {
  const { counts, time, random } = world
  const job = startJob(world, random.pick<Job>(['rebuild', 'rebuild', 'rebuild', 'rollback', 'removal']))
  await time.sleep(random.below(2500))
  job.proc.alive = false
  counts.add('fault: rebuild killed, and another started')
  await time.sleep(HELD_MS)
  await ended(world, startJob(world, 'rebuild'))
}

const twoAtOnce: Fault = async (world) => {
  const { counts, time, random } = world
  counts.add('fault: two rebuilds at once')
  const one = startJob(world, 'rebuild')
  await time.sleep(random.below(200))
  const other = startJob(world, random.pick<Job>(['rebuild', 'rollback', 'removal']))
  await Promise.all([ended(world, one), ended(world, other)])
}

/** The other one takes the right to build over, and the first goes on as if it had it. */
const zombie: Fault = async (world) => {
  const { counts, time, random } = world
  counts.add('fault: rebuild paused until another took over')
  const one = startJob(world, 'rebuild')
  await time.sleep(random.below(1500))
  one.proc.pausedUntil = Math.max(one.proc.pausedUntil, time.now() + HELD_MS + random.below(1500))
  await time.sleep(HELD_MS)
  await Promise.all([ended(world, startJob(world, 'rebuild')), ended(world, one)])
}

const wayBack: Fault = async (world) => {
  world.counts.add('fault: rebuild, and back')
  await ended(world, startJob(world, 'rebuild'))
  await world.time.sleep(world.random.below(2000))
  await ended(world, startJob(world, 'rollback'))
}

const removal: Fault = async (world) => {
  world.counts.add('fault: former generation removed')
  await ended(world, startJob(world, 'removal'))
}

/** The replica that takes over had not heard of the switch, or of some of what was built. */
const lostSwitch: Fault = async (world) => {
  const { counts, time, random, store, servers, removed } = world
  counts.add('fault: failover lost the switch')
  let old: unknown = null
  const sinceWhen = random.pick(['building', 'comparing'])
  const job = startJob(world, 'rebuild', ({ kind }) => {
    if (kind === sinceWhen) old = store.snapshot()
    if (kind !== 'switched') return
    time.at(random.below(400), time.world, () => {
      if (old === null) return
      store.restore(old)
      removed.clear()
      servers.storeLosses += 1
    })
  })
  await ended(world, job)
}

type Generations = { readonly generations: Map<number, Map<number, Partition>>; readonly active: number | null }

/** A record of nobody, as a hand that was where it should not have been may leave one. */
const plantGhost = ({ store, plan }: World): number | null => {
  const contents = store.snapshot() as Generations
  const home = partitionOf(GHOST, plan.settings.partitions)
  const partition = contents.active === null ? undefined : contents.generations.get(contents.active)?.get(home)
  if (!partition?.checkpoint) return null
  partition.records.set(GHOST, new Uint8Array([1]))
  store.restore(contents)
  return contents.active
}

const difference: Fault = async (world) => {
  const { counts, servers } = world
  const losses = servers.storeLosses
  const planted = plantGhost(world)
  if (planted === null) return
  counts.add('fault: the live generation holds what the log does not say')
  const outcome = await ended(world, startJob(world, 'rebuild'))
  const isOfIt = outcome?.kind === 'switched' && 'comparison' in outcome && outcome.former === planted
  if (isOfIt && outcome.comparison !== null && servers.storeLosses === losses)
    world.violations.push('wrong: a rebuild switched although the generations differ')
  if (outcome?.kind === 'different') await ended(world, startJob(world, 'accepting'))
}

/**
 * With nothing in the way a rebuild switches and finds nothing to tell of, as soon as it has the right to build: who was
 * killed over it keeps others out for a while.
 */
export const rebuildInPeace = async (world: World): Promise<readonly string[]> => {
  const until = world.time.now() + 2 * HELD_MS
  for (;;) {
    const outcome = await ended(world, startJob(world, 'accepting'))
    if (outcome?.kind === 'switched') return []
    if (outcome?.kind !== 'busy' || world.time.now() > until) return [`stuck: a rebuild in peace is ${outcome?.kind}`]
    await world.time.sleep(1000)
  }
}

/** Only one partition's leader is away. */
const partitionAway: Fault = async ({ counts, servers, random, plan, time }) => {
  servers.partitionAway = random.below(plan.settings.partitions)
  counts.add('fault: one partition of the log refuses')
  await time.sleep(500 + random.below(4000))
  servers.partitionAway = null
}

export const REBUILD_FAULTS: readonly (readonly [weight: number, Fault])[] = [
  [2, undisturbed],
  [2, killed],
  [1, twoAtOnce],
  [1, zombie],
  [1, wayBack],
  [1, removal],
  [1, lostSwitch],
  [1, difference],
  [2, partitionAway],
]
