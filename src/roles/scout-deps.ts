import type { Engine } from '../../consumers/ports/engine.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import type { ScoutDeps, ScoutObserver } from '../../consumers/scout/scout-deps.ts'
import type { Config } from '../config/load.ts'

/** How old a scout's knowledge of the active generation may be: it decides only which marks are dropped. */
const GENERATION_MAX_AGE_MS = 250

export const scoutDeps = (
  { log, store }: Engine,
  { topic, freshness }: Config,
  mayProve: () => boolean,
  observer: ScoutObserver,
): ScoutDeps => ({
  log,
  store: store.writer,
  topic: topic.name,
  partitions: topic.partitions,
  partitionOf: (id) => partitionOf(id, topic.partitions),
  generation: remembered(store.admin.activeGeneration, GENERATION_MAX_AGE_MS),
  mayProve,
  boundMs: freshness.bound_ms,
  observer,
})

/** A failed read is repeated by the next who asks. */
const remembered = <T>(read: () => Promise<T>, maxAgeMs: number): (() => Promise<T>) => {
  let value: Promise<T> | null = null
  let readAtMs = Number.NEGATIVE_INFINITY
  return () => {
    const nowMs = performance.now()
    if (value === null || nowMs - readAtMs >= maxAgeMs) {
      const reading = read()
      value = reading
      readAtMs = nowMs
      reading.catch(() => {
        if (value === reading) value = null
      })
    }
    return value
  }
}
