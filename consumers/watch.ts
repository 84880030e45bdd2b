import type { ProjectionWriter } from '../projections/store.ts'
import type { Log } from './log.ts'
import type { ProjectorObserver } from './observer.ts'

export type WatchDeps = {
  readonly log: Log
  readonly store: ProjectionWriter
  readonly topic: string
  readonly observer: ProjectorObserver
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly generation: () => number
  readonly owned: () => readonly number[]
  /** The next offset of a partition, as its worker believes it; `null` while it does not know. */
  readonly next: (partition: number) => number | null
  readonly recheck: (partition: number) => void
}

export type Watch = { readonly stop: () => Promise<void> }

/**
 * Goes round the owned partitions: proves that all of the log is applied, dated before the log was asked, and renews the
 * lease. The lease compares the checkpoint: one that is not what the worker believes sends the partition back to the store.
 */
export const startWatch = (deps: WatchDeps): Watch => {
  const everyMs = Math.max(50, Math.min(500, Math.floor(deps.boundMs / 5)))
  const provenAt = new Map<number, number>()
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let round: Promise<void> = Promise.resolve()

  const go = (): void => {
    round = goRound(deps, provenAt)
      .catch((error) => deps.observer.failed('watch', error))
      .then(() => {
        if (!stopped) timer = setTimeout(go, everyMs)
      })
  }
  go()
  return {
    stop: async () => {
      stopped = true
      if (timer) clearTimeout(timer)
      await round
    },
  }
}

const goRound = async (deps: WatchDeps, provenAt: Map<number, number>): Promise<void> => {
  const owned = deps.owned()
  for (const partition of provenAt.keys()) if (!owned.includes(partition)) provenAt.delete(partition)
  if (owned.length === 0) return
  const generation = deps.generation()
  const began = deps.now()
  const clocks = await Promise.all(owned.map((partition) => deps.store.clockMs(generation, partition)))
  const ends = await deps.log.endOffsets(deps.topic, owned)
  await Promise.all(
    owned.map(async (partition, index) => {
      const next = deps.next(partition)
      const end = ends.get(partition)
      if (next === null || end === undefined) return
      deps.observer.lag(partition, Math.max(0, end - next))
      if (next >= end) {
        const proof = { next, provenAtMs: clocks[index]! }
        const result = await deps.store.lease(generation, partition, proof, deps.boundMs)
        if (result.kind === 'applied') provenAt.set(partition, began)
        else if (deps.next(partition) === next) deps.recheck(partition)
      }
      const proven = provenAt.get(partition)
      if (proven !== undefined) deps.observer.fresh(partition, deps.now() - proven)
      deps.observer.suspects(partition, await deps.store.suspectCount(generation, partition))
    }),
  )
}
