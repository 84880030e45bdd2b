import type { LogBatch } from './log.ts'
import { type PartitionWorker, partitionWorker, type WorkerDeps } from './partition-worker.ts'
import { backoff, pause } from './pause.ts'
import { reroutedAlready } from './rerouted-already.ts'

export type BuilderDeps = Omit<WorkerDeps, 'generation' | 'reroutedAlready' | 'beside'> & {
  readonly partitions: number
  /** After each write: how many records it took in, and how long it lasted. Resolves when the next may begin. */
  readonly pace: (records: number, ms: number) => Promise<void>
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Fills one generation from the log, beside whoever writes the active one. What it has done is in the store: it can die. */
export type Builder = {
  /** Goes on from each partition's checkpoint; rejects with `BuildBroken` where the log is not the one it began with. */
  readonly start: () => Promise<void>
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

/** A write blocks the store for everybody: this many records take it 1 to 2 milliseconds. */
const RECORDS_AT_ONCE = 200
const READ_BYTES = 1024 * 1024
/** How often a failing server is asked again, with growing pauses: about a minute. */
const ATTEMPTS = 16

export const builder = (generation: number, deps: BuilderDeps): Builder => {
  const { log, topic, signal, now } = deps
  const always = async (): Promise<number> => generation
  const workerDeps: WorkerDeps = {
    ...deps,
    generation: always,
    beside: true,
    reroutedAlready: reroutedAlready(log, deps.store, topic, always),
  }
  const workers = new Map<number, PartitionWorker>()
  const nexts = new Map<number, number>()
  let ahead: { readonly partition: number; readonly from: number; readonly batch: Promise<LogBatch | null> } | null =
    null

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
    if (ahead?.partition === partition && ahead.from === from) return ahead.batch
    return log.read(topic, partition, from, { maxBytes: READ_BYTES, waitMs: 200 })
  }

  const readAhead = (partition: number, from: number): void => {
    const batch = log.read(topic, partition, from, { maxBytes: READ_BYTES })
    batch.catch(() => {
      ahead = null
    })
    ahead = { partition, from, batch }
  }

  /** One batch of the log, in bites; false where there is nothing to be read. */
  const step = async (partition: number, to: number): Promise<boolean> => {
    const from = nexts.get(partition)!
    const batch = await read(partition, from)
    if (batch === null) await begin(partition)
    if (batch === null) return true
    if (batch.next === from) return false
    if (batch.next < to) readAhead(partition, batch.next)
    for (const bite of bitesOf(batch, to)) {
      signal.throwIfAborted()
      const began = now()
      const verdict = await workers.get(partition)!.batch(bite)
      if (verdict.kind === 'park') throw new BuildBroken(`the log of partition ${partition} has changed`)
      nexts.set(partition, verdict.kind === 'seek' ? verdict.to : bite.next)
      await deps.pace(bite.records.length, now() - began)
      if (verdict.kind === 'seek') break
    }
    return true
  }

  const reach: Builder['reach'] = async (partition, to) => {
    while (nexts.get(partition)! < to) if (!(await patiently(() => step(partition, to)))) return
  }

  return {
    start: async () => {
      for (let partition = 0; partition < deps.partitions; partition++) await begin(partition)
    },
    nexts: () => nexts,
    reach,
    reachAll: async (targets) => {
      for (let behind = [...targets]; behind.length > 0; ) {
        const still: [number, number][] = []
        for (const [partition, to] of behind) {
          // A share of what is missing: some batches, then it is the next one's turn.
          const goal = Math.min(to, nexts.get(partition)! + TURN)
          await reach(partition, goal)
          if (nexts.get(partition)! >= goal && goal < to) still.push([partition, to])
        }
        behind = still
      }
    },
  }
}

const TURN = 5000

/** Never beyond `to`, so that a generation can be stopped at the very offset where another stands. */
const bitesOf = (batch: LogBatch, to: number): readonly LogBatch[] => {
  const { from, identity, partition } = batch
  const records = batch.records.filter(({ offset }) => offset < to)
  const end = Math.min(batch.next, to)
  const bites: LogBatch[] = []
  for (let at = 0; at === 0 || at < records.length; at += RECORDS_AT_ONCE) {
    const part = records.slice(at, at + RECORDS_AT_ONCE)
    const isLast = at + RECORDS_AT_ONCE >= records.length
    const next = isLast ? end : part.at(-1)!.offset + 1
    bites.push({ partition, from: bites.at(-1)?.next ?? from, records: part, next, identity })
  }
  return bites
}
