import type { LogBatch } from '../../consumers/ports/log.ts'
import { type PartitionWorker, partitionWorker } from '../../consumers/projector/partition-worker.ts'
import type { WorkerDeps } from '../../consumers/projector/worker-deps.ts'
import { originalReader } from '../../consumers/rerouting/originals.ts'
import { reroutedAlready } from '../../consumers/rerouting/rerouted-already.ts'
import { backoff, pause } from '../log/pause.ts'

export type BuilderDeps = Omit<WorkerDeps, 'generation' | 'reroutedAlready' | 'readOriginal' | 'beside'> & {
  readonly pace: BuildPace
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** The pace of a build. */
export type BuildPace = {
  /** Number of records for each write; a write blocks the store for all clients. */
  readonly recordsAtOnce: () => number
  /** Runs the work on that many records as soon as the pace allows it. */
  readonly paced: <T>(records: number, work: () => Promise<T>) => Promise<T>
}

/**
 * Fills one generation from the log while other processes write the active one. Its progress is in the store, so it may
 * die at any moment.
 */
export type Builder = {
  /**
   * Continues from the checkpoint of each of these partitions, or of all partitions. Rejects with `BuildBroken` where
   * the log is not the one that the build began with.
   */
  readonly start: (partitions?: Iterable<number>) => Promise<void>
  /** The first offset of each partition that is not yet applied. */
  readonly nexts: () => ReadonlyMap<number, number>
  /**
   * Applies a partition up to an offset. It stops later where another process has written more, and earlier where an
   * open transaction blocks the log.
   */
  readonly reach: (partition: number, to: number) => Promise<void>
  /** Applies all partitions up to their offsets in turns, so that they advance evenly. */
  readonly reachAll: (targets: ReadonlyMap<number, number>) => Promise<void>
}

/** The generation cannot be continued, because its log has changed. */
export class BuildBroken extends Error {
  override readonly name = 'BuildBroken'
}

const READ_BYTES = 1024 * 1024
/** Partitions in parallel: one partition is folded while another partition's write is in flight. */
const PARALLEL_PARTITIONS = 3
/** Records that one partition may apply before the next partition's turn. */
const TURN = 5000
/** Number of attempts on a failing server, with growing pauses: about a minute. */
const ATTEMPTS = 16

export const builder = (generation: number, deps: BuilderDeps): Builder => {
  const { log, topic, signal, pace } = deps
  const always = async (): Promise<number> => generation
  // A rebuild reads records that were counted on arrival.
  const { watchAnswersMs: _, ...quiet } = deps
  const workerDeps: WorkerDeps = {
    ...quiet,
    generation: always,
    beside: true,
    reroutedAlready: reroutedAlready(log, deps.store, topic, always),
    readOriginal: originalReader(deps.log, deps, deps.partitionOf),
  }
  const workers = new Map<number, PartitionWorker>()
  const nexts = new Map<number, number>()
  /** Batches that are read in advance, by partition. */
  const ahead = new Map<number, { readonly from: number; readonly batch: Promise<LogBatch | null> }>()

  /** Servers restart during a long build; only a lasting failure ends the build. */
  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted()
      try {
        return await work()
      } catch (error) {
        if (error instanceof BuildBroken || attempt >= ATTEMPTS || signal.aborted) throw error
        await pause(backoff(attempt), signal)
      }
    }
  }

  const begin = async (partition: number): Promise<void> => {
    const worker = workers.get(partition) ?? partitionWorker(partition, workerDeps)
    workers.set(partition, worker)
    const next = await patiently(worker.start)
    if (next === null)
      throw new BuildBroken(`the log of partition ${partition} is not the one that this generation was begun from`)
    nexts.set(partition, next)
  }

  const read = (partition: number, from: number): Promise<LogBatch | null> => {
    const known = ahead.get(partition)
    ahead.delete(partition)
    if (known?.from === from) return known.batch
    return log.read(topic, partition, from, { maxBytes: READ_BYTES, waitMs: 200 })
  }

  const readAhead = (partition: number, from: number): void => {
    const batch = log.read(topic, partition, from, { maxBytes: READ_BYTES })
    // The caller that awaits the batch receives the error.
    batch.catch(() => {})
    ahead.set(partition, { from, batch })
  }

  /** Applies one batch of the log in parts and reads the next batch meanwhile; false where nothing can be read. */
  const step = async (partition: number, to: number, goal: number): Promise<boolean> => {
    const from = nexts.get(partition)!
    const batch = await read(partition, from)
    if (batch === null) await begin(partition)
    if (batch === null) return true
    if (batch.next === from) return false
    if (batch.next < goal) readAhead(partition, batch.next)
    for (const bite of bitesOf(batch, to, pace.recordsAtOnce)) {
      signal.throwIfAborted()
      const result = await pace.paced(bite.records.length, () => workers.get(partition)!.batch(bite))
      if (result.kind === 'park') throw new BuildBroken(`the log of partition ${partition} has changed`)
      nexts.set(partition, result.kind === 'seek' ? result.to : bite.next)
      if (result.kind === 'seek') break
    }
    return true
  }

  /** Applies the batches that begin before `goal`, never beyond `to`; false where no more can be read. */
  const advance = async (partition: number, goal: number, to: number): Promise<boolean> => {
    while (nexts.get(partition)! < goal) if (!(await patiently(() => step(partition, to, goal)))) return false
    return true
  }

  return {
    start: async (partitions = Array(deps.partitions).keys()) => {
      for (const partition of partitions) await begin(partition)
    },
    nexts: () => nexts,
    reach: async (partition, to) => {
      await advance(partition, to, to)
    },
    reachAll: async (targets) => {
      const waiting = [...targets]
      let failed = false
      const worker = async (): Promise<void> => {
        for (let turn = waiting.shift(); turn !== undefined && !failed; turn = waiting.shift()) {
          const [partition, to] = turn
          const more = await advance(partition, Math.min(to, nexts.get(partition)! + TURN), to)
          if (more && nexts.get(partition)! < to) waiting.push(turn)
        }
      }
      // After one failure no other partition continues without the caller.
      await allDone(Array.from({ length: PARALLEL_PARTITIONS }, worker), () => {
        failed = true
      })
    },
  }
}

/** Waits for all of them, then rejects with the first failure. */
const allDone = async (works: readonly Promise<void>[], onFailure: () => void): Promise<void> => {
  const failures: unknown[] = []
  const failed = (error: unknown): void => {
    failures.push(error)
    onFailure()
  }
  await Promise.all(works.map((work) => work.catch(failed)))
  if (failures.length > 0) throw failures[0]
}

/** Never goes beyond `to`, so that a generation can stop at the exact offset of another generation. */
function* bitesOf(batch: LogBatch, to: number, atOnce: () => number): Iterable<LogBatch> {
  const { identity, partition } = batch
  const records = batch.records.filter(({ offset }) => offset < to)
  let from = batch.from
  for (let at = 0; at === 0 || at < records.length; ) {
    const part = records.slice(at, at + atOnce())
    at += Math.max(1, part.length)
    const next = at < records.length ? part.at(-1)!.offset + 1 : Math.min(batch.next, to)
    yield { partition, from, records: part, next, identity }
    from = next
  }
}
