import type { StoreAdmin } from '../projections/store.ts'
import { hasSignature } from './checkpoint.ts'
import type { Consumer } from './log.ts'
import { type PartitionWorker, partitionWorker, type WorkerDeps } from './partition-worker.ts'
import { reroutedAlready } from './rerouted-already.ts'
import { startWatch } from './watch.ts'

export type ProjectorDeps = Omit<WorkerDeps, 'generation' | 'reroutedAlready'> & {
  readonly admin: StoreAdmin
  readonly group: string
  readonly partitions: number
  /** How long a proof of freshness lasts, milliseconds. */
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

export type Projector = {
  /** Partitions that are assigned here and not parked. */
  readonly owned: () => readonly number[]
  readonly broken: () => readonly number[]
  /** Projectors of another fold or policy have taken over. */
  readonly superseded: () => boolean
  /** Milliseconds since the last sign of life of the log's consumer. */
  readonly silentMs: () => number
  readonly stop: () => Promise<void>
}

/**
 * Consumes the topic into the store. Beside the batches a watch goes round every few hundred milliseconds: it compares
 * the checkpoints of idle partitions too (a store that went back in time is noticed without traffic), proves freshness,
 * and renews the leases.
 */
export const startProjector = async (deps: ProjectorDeps): Promise<Projector> => {
  let generation = await settleGeneration(deps)
  let superseded = false
  const workers = new Map<number, PartitionWorker>()
  const broken = new Set<number>()
  const current = (): number => generation
  const workerDeps: WorkerDeps = {
    ...deps,
    generation: current,
    reroutedAlready: reroutedAlready(deps.log, deps.store, deps.topic, current),
  }

  const observer: WorkerDeps['observer'] = {
    ...deps.observer,
    logBroken: (partition, why) => {
      if (why === null) broken.delete(partition)
      else broken.add(partition)
      deps.observer.logBroken(partition, why)
    },
  }

  /** False where projectors of another fold or policy have taken over: this one must not take back what they build. */
  const follow = async (): Promise<boolean> => {
    const { active, isOurs } = await activeGeneration(deps)
    superseded = active !== null && !isOurs
    if (!superseded) generation = isOurs && active !== null ? active : await settleGeneration(deps)
    return !superseded
  }

  const consumer: Consumer = await deps.log.consume(deps.topic, deps.group, {
    assigned: async (partition) => {
      if (!(await follow())) return null
      const worker = partitionWorker(partition, { ...workerDeps, observer })
      workers.set(partition, worker)
      return worker.start()
    },
    revoked: (partition) => {
      workers.delete(partition)
      broken.delete(partition)
      deps.observer.revoked(partition)
    },
    batch: async (batch) => {
      const worker = workers.get(batch.partition)
      return worker ? worker.batch(batch) : { kind: 'park' }
    },
  })

  const watch = startWatch({
    ...deps,
    generation: () => generation,
    next: (partition) => workers.get(partition)?.next() ?? null,
    owned: () => [...workers.keys()].filter((partition) => !broken.has(partition)),
    recheck: consumer.recheck,
  })
  return {
    owned: () => [...workers.keys()].filter((partition) => !broken.has(partition)),
    broken: () => [...broken],
    superseded: () => superseded,
    silentMs: () => consumer.silentMs(),
    stop: async () => {
      await watch.stop()
      await consumer.stop()
    },
  }
}

/**
 * The generation to write: the active one, if its answers were made by this fold under this policy; else a new one,
 * active at once and empty, so that answers of another fold are never served while it fills from the log's start.
 */
const settleGeneration = async (deps: ProjectorDeps): Promise<number> => {
  for (;;) {
    const { active, isOurs } = await activeGeneration(deps)
    if (active !== null && isOurs) return active
    const next = await deps.admin.newGeneration()
    if (await deps.admin.activate(active, next)) return next
  }
}

const activeGeneration = async ({ admin, store, partitions, signature }: ProjectorDeps) => {
  const active = await admin.activeGeneration()
  if (active === null) return { active, isOurs: false }
  const checkpoints = await Promise.all(
    Array.from({ length: partitions }, (_, index) => store.checkpoint(active, index)),
  )
  const isOurs = checkpoints.every((checkpoint) => checkpoint === null || hasSignature(checkpoint.tail, signature))
  return { active, isOurs }
}
