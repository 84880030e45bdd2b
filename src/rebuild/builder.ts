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

/** How fast a build may go. */
export type BuildPace = {
  /** How many records one write takes in: it blocks the store for everybody. */
  readonly recordsAtOnce: () => number
  /** Does the work, which takes in so many records, as soon as it may be done. */
  readonly paced: <T>(records: number, work: () => Promise<T>) => Promise<T>
}

/** Fills one generation from the log, beside whoever writes the active one. What it has done is in the store: it can die. */
export type Builder = {
  /**
   * Goes on from the checkpoint of each of these partitions, all of them unless told; rejects with `BuildBroken` where the
   * log is not the one it began with.
   */
  readonly start: (partitions?: Iterable<number>) => Promise<void>
  /** The first offset of each partition that is not applied yet. */
  readonly nexts: () => ReadonlyMap<number, number>
  /**
   * Takes a partition up to an offset, or further where somebody else has written already, or as far as it can be read: an
   * open transaction may lie before the end.
   */
  readonly reach: (partition: number, to: number) => Promise<void>
  /** Takes all partitions up to their offsets in turns, so that they come on evenly. */
  readonly reachAll: (targets: ReadonlyMap<number, number>) => Promise<void>
}

/** The generation cannot be continued: its log has changed. */
export class BuildBroken extends Error {
  override readonly name = 'BuildBroken'
}

const READ_BYTES = 1024 * 1024
/** Side by side, so that one partition is folded while another one's write is on its way. */
const LANES = 3
/** A partition's share of what is missing: then it is the next one's turn. */
const TURN = 5000
/** How often a failing server is asked again, with growing pauses: about a minute. */
const ATTEMPTS = 16

export const builder = (generation: number, deps: BuilderDeps): Builder => {
  const { log, topic, signal, pace } = deps
  const always = async (): Promise<number> => generation
  // What a rebuild reads was counted when it came.
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
  /** What is being read before it is asked for, by partition. */
  const ahead = new Map<number, { readonly from: number; readonly batch: Promise<LogBatch | null> }>()

  /** Servers come and go while a long build runs; only a lasting failure ends it. */
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
    // Whoever takes it hears of it.
    batch.catch(() => {})
    ahead.set(partition, { from, batch })
  }

  /** One batch of the log, in bites, and the next one read meanwhile; false where there is nothing to be read. */
  const step = async (partition: number, to: number, goal: number): Promise<boolean> => {
    const from = nexts.get(partition)!
    const batch = await read(partition, from)
    if (batch === null) await begin(partition)
    if (batch === null) return true
    if (batch.next === from) return false
    if (batch.next < goal) readAhead(partition, batch.next)
    for (const bite of bitesOf(batch, to, pace.recordsAtOnce)) {
      signal.throwIfAborted()
      const verdict = await pace.paced(bite.records.length, () => workers.get(partition)!.batch(bite))
      if (verdict.kind === 'park') throw new BuildBroken(`the log of partition ${partition} has changed`)
      nexts.set(partition, verdict.kind === 'seek' ? verdict.to : bite.next)
      if (verdict.kind === 'seek') break
    }
    return true
  }

  /** As far as the batches go that begin before `goal`, and never beyond `to`; false where no more can be read. */
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
      const lane = async (): Promise<void> => {
        for (let turn = waiting.shift(); turn !== undefined && !failed; turn = waiting.shift()) {
          const [partition, to] = turn
          const more = await advance(partition, Math.min(to, nexts.get(partition)! + TURN), to)
          if (more && nexts.get(partition)! < to) waiting.push(turn)
        }
      }
      // None goes on behind the caller's back when another one has failed.
      await allDone(Array.from({ length: LANES }, lane), () => {
        failed = true
      })
    },
  }
}

/** Waits for all of them, whatever becomes of each, and then rejects as the first one did. */
const allDone = async (works: readonly Promise<void>[], onFailure: () => void): Promise<void> => {
  const failures: unknown[] = []
  const failed = (error: unknown): void => {
    failures.push(error)
    onFailure()
  }
  await Promise.all(works.map((work) => work.catch(failed)))
  if (failures.length > 0) throw failures[0]
}

/** Never beyond `to`, so that a generation can be stopped at the very offset where another stands. */
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
