import type { Consumer } from '../ports/log.ts'
import type { StoreAdmin } from '../ports/store.ts'
import { originalReader } from '../rerouting/originals.ts'
import { reroutedAlready } from '../rerouting/rerouted-already.ts'
import type { Scout } from '../scout/scout.ts'
import { generationState } from './generations.ts'
import { startLeaseRenewal } from './lease-renewal.ts'
import { type PartitionWorker, partitionWorker } from './partition-worker.ts'
import type { WorkerDeps } from './worker-deps.ts'

export type ProjectorDeps = Omit<WorkerDeps, 'generation' | 'reroutedAlready' | 'readOriginal' | 'beside'> & {
  readonly admin: StoreAdmin
  readonly group: string
  /** False while settings of log or store forbid every proof. */
  readonly mayProve?: () => boolean
  /** How long a proof of freshness lasts, milliseconds. */
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Projectors of another fold or policy have taken over: this one writes nothing any more, and should be stopped. */
  readonly onSuperseded?: () => void
  /** Reads ahead on partitions that are behind; absent: no read-ahead. */
  readonly scout?: Pick<Scout, 'behind' | 'leave'>
  /** From how many offsets on a partition is behind. */
  readonly behindFrom?: number
}

/** Over sixteen partitions as much as a pull waits for, at 28,000 events a second. */
const BEHIND_FROM = 256

export type Projector = {
  /** Partitions that are assigned here and not parked. */
  readonly owned: () => readonly number[]
  /** Parked partitions, and in which way the log does not go on there. */
  readonly broken: () => ReadonlyMap<number, string>
  /** Projectors of another fold or policy have taken over. */
  readonly superseded: () => boolean
  /** Milliseconds since the last sign of life of the log's consumer. */
  readonly silentMs: () => number
  readonly stop: () => Promise<void>
}

/**
 * Consumes the topic into the active generation. Every few hundred milliseconds a lease renewal follows the pointer to
 * the active generation, proves freshness and renews the leases. It also compares the checkpoints of idle partitions,
 * so a store that went back in time is detected without traffic.
 *
 * | state      | event                                  | next state                                         |
 * |------------|----------------------------------------|----------------------------------------------------|
 * | following  | another own generation becomes active  | following: every partition is asked for its offset |
 * | following  | a generation of another fold or policy | superseded: nothing is written any more            |
 * | superseded | –                                      | superseded, until `stop`                           |
 */
export const startProjector = async (deps: ProjectorDeps): Promise<Projector> => {
  let generation: number | null = null
  let superseded = false
  const workers = new Map<number, PartitionWorker>()
  const broken = new Map<number, string>()
  /** Partitions that were behind when the watch asked last. */
  const lagging = new Set<number>()

  const observer: WorkerDeps['observer'] = {
    ...deps.observer,
    logBroken: (partition, why) => {
      if (broken.get(partition) === (why ?? undefined)) return
      if (why === null) broken.delete(partition)
      else broken.set(partition, why)
      if (why !== null) deps.scout?.leave(partition)
      deps.observer.logBroken(partition, why)
    },
    // However few they are: what waits for so long makes pulls wait.
    lag: (partition, records) => {
      if (records > 0 && lagging.has(partition)) deps.scout?.behind(partition)
      if (records > 0) lagging.add(partition)
      else lagging.delete(partition)
      deps.observer.lag(partition, records)
    },
  }

  /** The generation to write; sends the partitions there where it is another one than before. */
  const follow = async (): Promise<number> => {
    const active = superseded ? null : await deps.admin.activeGeneration()
    if (active !== null && active === generation) return active
    const standing = superseded ? null : await generationState(deps)
    if (standing?.kind !== 'ours') {
      if (!superseded) deps.onSuperseded?.()
      superseded = true
      throw new Error('projectors of another fold or policy have taken over')
    }
    if (standing.generation !== generation) {
      generation = standing.generation
      for (const partition of workers.keys()) consumer?.recheck(partition)
    }
    return generation
  }
  let consumer: Consumer | null = null
  await follow()

  const workerDeps: WorkerDeps = {
    ...deps,
    observer,
    generation: follow,
    onBacklog: (partition, records) => {
      if (records >= (deps.behindFrom ?? BEHIND_FROM)) deps.scout?.behind(partition)
    },
    reroutedAlready: reroutedAlready(deps.log, deps.store, deps.topic, follow),
    readOriginal: originalReader(deps.log, deps, deps.partitionOf),
  }
  consumer = await deps.log.consume(deps.topic, deps.group, {
    assigned: async (partition) => {
      const worker = workers.get(partition) ?? partitionWorker(partition, workerDeps)
      workers.set(partition, worker)
      return worker.start()
    },
    revoked: (partition) => {
      workers.delete(partition)
      broken.delete(partition)
      lagging.delete(partition)
      deps.scout?.leave(partition)
      deps.observer.revoked(partition)
    },
    batch: async (batch) => {
      const worker = workers.get(batch.partition)
      return worker ? worker.batch(batch) : { kind: 'park' }
    },
  })
  const { recheck, silentMs, stop } = consumer

  const owned = (): readonly number[] => [...workers.keys()].filter((partition) => !broken.has(partition))
  const watch = startLeaseRenewal({
    ...deps,
    observer,
    topicProblem: deps.topicProblem ?? (() => null),
    mayProve: deps.mayProve ?? (() => true),
    follow,
    owned,
    broken: () => [...broken.keys()],
    checkpoint: (partition) => workers.get(partition)?.checkpoint() ?? null,
    latest: (partition) => workers.get(partition)?.latest() ?? null,
    recheck,
  })
  return {
    owned,
    broken: () => broken,
    superseded: () => superseded,
    silentMs,
    stop: async () => {
      await watch.stop()
      await stop()
    },
  }
}
