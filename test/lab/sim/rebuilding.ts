import { deadLetterTopic } from '../../../consumers/dead-letters/write.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { BuildThrottle } from '../../../src/rebuild/build-throttle.ts'
import { builder } from '../../../src/rebuild/builder.ts'
import { silentObserver } from '../../../src/rebuild/observer.ts'
import type { Helper } from '../../../src/rebuild/parallel-build.ts'
import {
  type RebuildDeps,
  type RebuildOutcome,
  type RebuildPhase,
  rebuild,
  removeFormer,
} from '../../../src/rebuild/rebuild.ts'
import { type RollbackOutcome, rollback } from '../../../src/rebuild/rollback.ts'
import { logOf } from './log-of.ts'
import { storeOf } from './parts.ts'
import { CALENDAR } from './plan.ts'
import { signature } from './roles.ts'
import type { Proc } from './time.ts'
import type { World } from './world.ts'

/** What an operator may start: `accepting` switches also where the generations differ. */
export type Job = 'rebuild' | 'accepting' | 'rollback' | 'removal'

export type JobOutcome =
  | RebuildOutcome
  | RollbackOutcome
  | { readonly kind: 'removed'; readonly generations: number }
  | { readonly kind: 'failed'; readonly error: unknown }

export type RunningJob = {
  readonly proc: Proc
  /** Resolves in the world; never where the process is killed before. */
  readonly outcome: Promise<JobOutcome>
}

/** Every student that a seed has. */
const SAMPLE = 1000

/** One process that runs `pullgate rebuild` on the real code. */
export const startJob = (world: World, job: Job, onPhase: (phase: RebuildPhase) => void = () => {}): RunningJob => {
  const { time, counts } = world
  const proc = world.newProc(job)
  const outcome = new Promise<JobOutcome>((resolve) => {
    const done = (one: JobOutcome): void => {
      counts.add(`${job}: ${one.kind}`)
      time.at(0, time.world, () => resolve(one))
    }
    time.at(0, proc, () => {
      const deps = depsOf(world, proc, (phase) => {
        tellPhase(world, phase)
        onPhase(phase)
      })
      run(deps, job, world).then(done, (error) => {
        if (!EXPECTED.test(String(error))) world.violations.push(`stuck: a ${job} failed: ${String(error)}`)
        done({ kind: 'failed', error })
      })
    })
  })
  return { proc, outcome }
}

/** What may end one: a server that was away for too long, and another builder. */
const EXPECTED = /does not answer|does not tell the end|has taken over the build|the log has changed while/

const run = async (deps: RebuildDeps, job: Job, { plan }: World): Promise<JobOutcome> => {
  const never = new AbortController().signal
  await deps.admin.claim(plan.settings.topic)
  if (job === 'rollback') return rollback(deps, never)
  if (job === 'removal') {
    const removed = await removeFormer(deps, never)
    return removed === 'busy' ? { kind: 'busy' } : { kind: 'removed', generations: removed.length }
  }
  return rebuild(deps, { sample: SAMPLE, acceptDifferences: job === 'accepting' }, never)
}

const depsOf = (world: World, proc: Proc, onPhase: (phase: RebuildPhase) => void): RebuildDeps => {
  const { time, random, plan } = world
  const { topic, partitions, policy } = plan.settings
  const log = logOf(world, proc)
  const store = storeOf(world, proc, 'projector')
  const own: Omit<RebuildDeps, 'helpers'> = {
    log,
    store: store.writer,
    admin: store.admin,
    deadLetters: deadLetterTopic(log, topic),
    topic,
    partitions,
    signature: signature(plan.settings),
    rendering: { policy, calendar: CALENDAR },
    partitionOf: (identifier) => partitionOf(identifier, partitions),
    observer: silentObserver,
    clock: Date.now,
    now: () => performance.now(),
    pace: simPace(world),
    random: () => random.below(1_000_000) / 1_000_000,
    sleep: time.sleep,
    onProgress: () => {},
    onPhase,
  }
  return { ...own, helpers: random.chance(0.5) ? [simHelper(world, proc, own)] : [] }
}

/** Another builder on connections of its own, as in a further thread of the same process; it may give up half way. */
const simHelper = (world: World, proc: Proc, deps: Omit<RebuildDeps, 'helpers'>): Helper => ({
  worthFrom: 0,
  reach: async (generation, targets, _done, signal) => {
    const [log, store] = [logOf(world, proc), storeOf(world, proc, 'projector').writer]
    const build = builder(generation, { ...deps, log, store, pace: simPace(world), signal })
    await build.start(targets.keys())
    if (world.random.chance(0.2)) {
      const [[partition, to] = [0, 0]] = targets
      await build.reach(partition, Math.floor(to / 2))
      world.counts.add('rebuild: a helper gave up')
      throw new Error('out of memory')
    }
    await build.reachAll(targets)
    world.counts.add('rebuild: a helper did its part')
  },
})

/** A few records at a time, and slow enough that faults come in between. */
const simPace = ({ time, random }: World): BuildThrottle => {
  const longestMs = random.pick([10, 60, 300])
  return {
    recordsAtOnce: () => 1 + random.below(12),
    paced: async (_records, work) => {
      await time.sleep(random.below(longestMs))
      return work()
    },
    hurry: () => {},
    measure: async () => {},
    restedMs: () => 0,
    close: async () => {},
  }
}

const tellPhase = ({ counts }: World, phase: RebuildPhase): void => {
  if (phase.kind === 'building') counts.add(`generation: building, ${phase.resumed ? 'resumed' : 'begun'}`)
  else counts.add(`generation: ${phase.kind}`)
}
