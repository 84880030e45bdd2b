import type { StudentId } from '../../projections/values/ids.ts'
import { decodeInTurns, isLarge } from '../events/decode-in-turns.ts'
import { type BatchResult, type LogBatch, type LogRecord, type NewRecord, topicOf } from '../ports/log.ts'
import type { PartitionWrite, WriteResult } from '../ports/store.ts'
import { type Original, originalKey } from '../rerouting/originals.ts'
import { reroutedCopy } from '../rerouting/reroute.ts'
import { anchored, type CheckpointView, checkpointAt, loadCheckpoint } from '../stored/checkpoint-view.ts'
import { checkIdentity, type LogIdentity } from '../stored/log-identity.ts'
import { type FoldedChunk, foldChunk, keysOf, report } from './chunk.ts'
import type { SortedBatch } from './sort-batch.ts'
import type { WorkerDeps } from './worker-deps.ts'
import { MOST_WRITE_BYTES, writeSize } from './write-size.ts'

/**
 * Processes one partition: batches in, records out. Its checkpoint is a cache; the store's compare-and-set decides.
 *
 * | state   | event                                              | next state |
 * |---------|----------------------------------------------------|------------|
 * | unknown | checkpoint read                                    | known      |
 * | known   | write applied                                      | known      |
 * | known   | rejection, lost reply, or write of another process | unknown    |
 */
export type PartitionWorker = {
  /** Reads the checkpoint and the log's identity; the offset to start from, or `null` where the log is broken. */
  readonly start: () => Promise<number | null>
  readonly batch: (batch: LogBatch) => Promise<BatchResult>
  /** As far as is known without asking; `null` in any doubt. */
  readonly checkpoint: () => CheckpointView | null
  /** What was applied last, while a write may be on its way; `null` while nothing is known. */
  readonly latest: () => CheckpointView | null
  /** What a refused write or lease says about where to go on. */
  readonly refused: (result: Exclude<WriteResult, { kind: 'applied' }>) => Promise<BatchResult>
}

const APPLIED: WriteResult = { kind: 'applied' }

/** `too-large`: nothing was written; fewer records at once may do. */
type Applied = WriteResult | { readonly kind: 'too-large' }

export const partitionWorker = (partition: number, deps: WorkerDeps): PartitionWorker => {
  const { log, store, topic, observer } = deps
  let known: CheckpointView | null = null
  let latest: CheckpointView | null = null
  /** The last place that the store has confirmed, also while it is away. */
  let confirmed: CheckpointView | null = null
  /** The log's end when this worker began: an earlier worker may have rerouted records below it. */
  let inherited = 0
  const size = writeSize()

  const reload = async (): Promise<CheckpointView> => {
    latest = null
    latest = await loadCheckpoint(partition, deps)
    known = latest
    if (confirmed !== null && isLoss(confirmed, latest)) observer.rewound(partition, latest.next)
    confirmed = latest
    return latest
  }

  const start = async (): Promise<number | null> => {
    known = null
    const at = await reload()
    const problem = deps.topicProblem?.() ?? null
    const identity: LogIdentity =
      problem === null
        ? await checkIdentity(log, deps, partition, at.next, at.metadata)
        : { kind: 'broken', why: problem }
    if (identity.kind === 'same') {
      inherited = deps.beside ? Number.POSITIVE_INFINITY : identity.end.next
      latest = await anchored(deps, partition, at, identity.end.identity)
      known = latest
    }
    observer.logBroken(partition, identity.kind === 'broken' ? identity.why : null)
    return identity.kind === 'broken' ? null : at.next
  }

  const startAgain = async (): Promise<BatchResult> => {
    const to = await start()
    return to === null ? { kind: 'park' } : { kind: 'seek', to }
  }

  const refused: PartitionWorker['refused'] = async (result) => {
    if (result.kind === 'behind' || result.kind === 'absent')
      observer.rewound(partition, result.kind === 'behind' ? result.at : 0)
    else observer.fenced(partition)
    // Told already: what is read next is no news.
    confirmed = null
    return startAgain()
  }

  const apply = async (at: CheckpointView, records: readonly LogRecord[], next: number): Promise<Applied> => {
    const chunk = await folded(at, records, next)
    // They are of another moment than the checkpoint: what would be written is told as if it had been tried.
    if (chunk.kind === 'moved') return movedTo(at, chunk.next)
    const { letters, misrouted, outcomes, metadata, write, answerChanges } = chunk
    if (records.length > 1 && bytesOf(write) > MOST_WRITE_BYTES) return { kind: 'too-large' }
    // A letter cannot be taken back: it is written only if what it was judged by is what the store holds still.
    const standing = letters.length > 0 ? await checkpointAt(store, partition, at) : APPLIED
    if (standing.kind !== 'applied') return standing
    // Both before the checkpoint moves past them: a crash in between repeats them, and repeats are known as such.
    await deps.deadLetters.write(letters, new Map(records.map((record) => [record.offset, record])), inherited)
    await reroute(misrouted, at.metadata.identity)
    const result = await store.apply(write)
    if (result.kind !== 'applied') return result
    latest = { generation: at.generation, next, metadata }
    known = latest
    confirmed = latest
    report(deps, { letters, misrouted, outcomes, answerChanges }, records)
    return result
  }

  /**
   * Loads the students whose keys the records bear, and folds. A key may be missing or say another student than its
   * event: then the true ones are loaded, and all is done again.
   */
  const folded = async (
    at: CheckpointView,
    records: readonly LogRecord[],
    next: number,
  ): Promise<FoldedChunk | Moved> => {
    let ids: readonly StudentId[] = keysOf(records)
    const stored = new Map<StudentId, Uint8Array | null>()
    const recent = new Map<StudentId, string>()
    const originals = new Map<string, Original | null>()
    await decodeInTurns(records)
    for (;;) {
      const standing = await load(at, ids, stored, recent)
      // Without a checkpoint the write itself reports why: emptied or retired.
      if (standing !== null && standing !== at.next) return { kind: 'moved', next: standing }
      const result = foldChunk({ partition, at, records, next }, stored, deps, recent, originals)
      if (result.kind === 'folded') return result
      ids = result.ids
      for (const place of result.originals) originals.set(originalKey(place), await deps.readOriginal(place))
    }
  }

  /** Returns the checkpoint that the records were read beside. */
  const load = async (
    { generation, next }: CheckpointView,
    ids: readonly StudentId[],
    stored: Map<StudentId, Uint8Array | null>,
    recent: Map<StudentId, string>,
  ): Promise<number | null> => {
    if (ids.length === 0) return next
    const found = await store.loadAt(generation, partition, ids, deps.watchAnswersMs !== undefined)
    for (const [index, id] of ids.entries()) {
      const { record, answers } = found.students[index]!
      stored.set(id, record)
      if (answers !== null) recent.set(id, answers)
    }
    return found.next
  }

  /** Acknowledged before the checkpoint moves past them; what an earlier worker has moved already is not moved again. */
  const reroute = async (misrouted: SortedBatch['misrouted'], identity: string): Promise<void> => {
    const copies: NewRecord[] = []
    for (const { record, identifier, to } of misrouted) {
      const { offset } = record
      if (offset < inherited && (await deps.reroutedAlready({ partition, offset, identity, value: record.value }, to)))
        continue
      copies.push(reroutedCopy({ topic, id: topicOf(identity) }, record, identifier, to))
    }
    if (copies.length > 0) await log.append(copies)
  }

  return {
    start,
    refused,
    checkpoint: () => known,
    latest: () => latest,
    batch: async (batch) => {
      let at = known ?? (await reload())
      // Read from another log than the one that was looked at.
      if (batch.identity !== at.metadata.identity) return startAgain()
      if (batch.from > at.next) return { kind: 'seek', to: at.next }
      deps.onBacklog?.(partition, (batch.end ?? batch.next) - at.next)
      const records = batch.records.filter((record) => record.offset >= at.next)
      for (let begin = 0; begin < Math.max(records.length, 1); ) {
        const chunk = foldedAtOnce(records.slice(begin, begin + size.records()))
        const next = begin + chunk.length >= records.length ? batch.next : chunk.at(-1)!.offset + 1
        if (next <= at.next) break
        known = null
        const result = await apply(at, chunk, next).catch((error: unknown) => {
          size.halve()
          throw error
        })
        if (result.kind === 'too-large') {
          known = at
          size.halve()
          continue
        }
        if (result.kind !== 'applied') return refused(result)
        size.grow()
        begin += Math.max(chunk.length, 1)
        at = known ?? at
      }
      return { kind: 'next' }
    },
  }
}

/** Up to the first large record: a write, and with it a wait, comes between two of them. */
const foldedAtOnce = (records: readonly LogRecord[]): readonly LogRecord[] => {
  const first = records.findIndex(isLarge)
  return first === -1 ? records : records.slice(0, first + 1)
}

type Moved = { readonly kind: 'moved'; readonly next: number }

const movedTo = (at: CheckpointView, next: number): WriteResult => ({
  kind: next < at.next ? 'behind' : 'ahead',
  at: next,
})

const bytesOf = ({ records }: PartitionWrite): number => {
  let bytes = 0
  for (const record of records.values()) bytes += record.length
  return bytes
}

/** A generation that other processes switched to may be a little behind the former one, but it never begins again. */
const isLoss = (before: CheckpointView, now: CheckpointView): boolean =>
  now.next < before.next && (now.generation === before.generation || now.next === 0)
