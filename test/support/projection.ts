import { setTimeout as sleep } from 'node:timers/promises'
import { deadLetterTopic } from '../../consumers/dead-letters/write.ts'
import type { Log } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import type { ProjectorObserver } from '../../consumers/projector/observer.ts'
import { type Projector, type ProjectorDeps, startProjector } from '../../consumers/projector/projector.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { BuildThrottle } from '../../src/rebuild/build-throttle.ts'
import { silentObserver } from '../../src/rebuild/observer.ts'
import type { RebuildDeps, RebuildPhase } from '../../src/rebuild/rebuild.ts'
import { until } from './until.ts'

export const ZONE = 'Asia/Kolkata'
export const POLICY: Policy = { balance_basis: 'outstanding', paid_instalments: 'zero' }

/** A log and a store under test, and everything that a projector or a rebuild needs of them. */
export type Projection = {
  readonly deps: (policy?: Policy) => ProjectorDeps
  readonly rebuildDeps: (policy?: Policy) => RebuildDeps & { readonly phases: RebuildPhase[] }
  readonly project: (overrides?: Partial<ProjectorDeps>) => Promise<Projector>
  /** Waits until the active generation holds all of the log. */
  readonly caughtUp: () => Promise<void>
  readonly record: (generation: number, id: string) => Promise<Uint8Array | null>
  readonly observed: { readonly letters: number; readonly misrouted: number }
}

export const projectionOn = (log: Log, store: ProjectionStore, topic: string, partitions: number): Projection => {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  const observed = { letters: 0, misrouted: 0 }
  const observer: ProjectorObserver = {
    ...silentObserver,
    deadLetter: () => {
      observed.letters += 1
    },
    misrouted: () => {
      observed.misrouted += 1
    },
  }
  const deps = (policy: Policy = POLICY): ProjectorDeps => ({
    log,
    store: store.writer,
    admin: store.admin,
    deadLetters: deadLetterTopic(log, topic),
    topic,
    group: `pullgate.${topic}`,
    partitions,
    signature: signatureOf(policy, ZONE, topic, partitions),
    rendering: { policy, calendar: calendarOf(ZONE) },
    partitionOf: (identifier) => partitionOf(identifier, partitions),
    observer,
    boundMs: 2000,
    clock: Date.now,
    now: () => performance.now(),
  })
  return {
    deps,
    rebuildDeps: (policy) => {
      const phases: RebuildPhase[] = []
      const onPhase = (phase: RebuildPhase): void => {
        phases.push(phase)
      }
      const pace: BuildThrottle = {
        recordsAtOnce: () => 200,
        paced: (_records, work) => work(),
        hurry: () => {},
        measure: async () => {},
        restedMs: () => 0,
        close: async () => {},
      }
      const given = { ...deps(policy), observer: silentObserver, pace, random: Math.random, sleep }
      return { ...given, helpers: [], onProgress: () => {}, onPhase, phases }
    },
    project: (overrides) => startProjector({ ...deps(), ...overrides }),
    caughtUp: () =>
      until(
        'the projection to hold all of the log',
        async () => {
          const ends = await log.ends(topic, numbers)
          const views = await store.reader.partitions()
          return views.every(({ partition, checkpoint }) => checkpoint?.next === ends.get(partition)!.next)
        },
        30_000,
      ),
    record: async (generation, id) =>
      (await store.writer.load(generation, partitionOf(id, partitions), [id as StudentId]))[0] ?? null,
    observed,
  }
}
