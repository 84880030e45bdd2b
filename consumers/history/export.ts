import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import type { Log, LogRecord } from '../ports/log.ts'
import { scan } from '../ports/scan.ts'
import { reroutedFrom, wasReroutedEarlier } from '../rerouting/reroute.ts'
import { isKnown, NOTHING_REROUTED, type Watermark, withKnown } from '../stored/watermark.ts'
import { erasedBy, type Forgetting, forgetting } from './forget-erased.ts'
import { toLine } from './ndjson.ts'

export type ExportDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets'>
  readonly topic: string
  readonly partitions: number
  readonly partitionOf: (identifier: StudentId) => number
  /** Leaves out all of erased students but their erasure. */
  readonly forgetErased?: boolean
  /** How many records have been read, of how many. */
  readonly onProgress: (done: number, total: number) => void
}

/**
 * The log up to where it ended when it was asked, a line a record, partition after partition: a student's events stay in
 * their order. Left out are tombstones, which do nothing; records on a wrong partition, whose copies on the right one
 * are the event; and a copy's repetitions. What was not moved yet comes last, as if it had been.
 */
export async function* exportLines(deps: ExportDeps): AsyncGenerator<string> {
  const { log, topic, partitionOf, onProgress } = deps
  const all = Array.from({ length: deps.partitions }, (_, index) => index)
  const [starts, ends] = await Promise.all([log.startOffsets(topic, all), log.endOffsets(topic, all)])
  const total = all.reduce((sum, partition) => sum + ends.get(partition)! - starts.get(partition)!, 0)
  const moves = movesOf(topic)
  const forgotten = deps.forgetErased ? await readErased(deps, starts, ends) : FORGETS_NOBODY
  let done = 0

  for (const partition of all) {
    for await (const batch of scan(log, topic, partition, starts.get(partition)!, ends.get(partition)!)) {
      for (const record of batch.records) {
        const to = rightPartition(record, partitionOf)
        if (to === null || !moves.isFirst(record)) continue
        if (to !== partition) {
          moves.sawMisrouted(record, to)
          continue
        }
        if (!forgotten.keeps(record)) continue
        yield toLine(record, wasMoved(record, topic))
        for (const more of forgotten.behind(record)) yield toLine(more, false)
      }
      done += batch.next - batch.from
      onProgress(Math.min(done, total), total)
    }
  }
  for (const { partition, from } of moves.missing()) {
    for await (const batch of scan(log, topic, partition, Math.max(from, starts.get(partition)!), ends.get(partition)!))
      for (const record of batch.records) {
        const to = rightPartition(record, partitionOf)
        if (to !== null && to !== partition && !moves.hasCopy(record, to) && forgotten.keeps(record))
          yield toLine(record, true)
      }
  }
}

const FORGETS_NOBODY: Pick<Forgetting, 'keeps' | 'behind'> = { keeps: () => true, behind: () => [] }

/** Reads the log twice: for whom it erases, then for all events of those, misrouted ones after the others. */
const readErased = async (
  { log, topic, partitionOf }: ExportDeps,
  starts: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
): Promise<Forgetting> => {
  const each = async (see: (record: LogRecord) => void): Promise<void> => {
    for (const [partition, end] of ends)
      for await (const batch of scan(log, topic, partition, starts.get(partition)!, end)) batch.records.forEach(see)
  }
  const erased = new Set<StudentId>()
  await each((record) => {
    const identifier = erasedBy(record)
    if (identifier !== null) erased.add(identifier)
  })
  const forgotten = forgetting(erased)
  if (erased.size === 0) return forgotten
  const moves = movesOf(topic)
  const misrouted: { readonly record: LogRecord; readonly to: number }[] = []
  await each((record) => {
    const to = rightPartition(record, partitionOf)
    if (to === null || !moves.isFirst(record)) return
    if (to === record.partition) forgotten.add(record)
    else if (isOf(erased, record)) misrouted.push({ record, to })
  })
  for (const { record, to } of misrouted) if (!moves.hasCopy(record, to)) forgotten.add(record)
  return forgotten
}

const isOf = (students: ReadonlySet<StudentId>, record: LogRecord): boolean => {
  const decoded = decode(record)
  return decoded.kind === 'student' && students.has(decoded.identifier)
}

/** Where the projector applies it; a record of no student applies wherever it lies. `null`: a tombstone, which does nothing. */
const rightPartition = (record: LogRecord, partitionOf: ExportDeps['partitionOf']): number | null => {
  const decoded = decode(record)
  if (decoded.kind === 'tombstone') return null
  return decoded.kind === 'student' ? partitionOf(decoded.identifier) : record.partition
}

const wasMoved = (record: LogRecord, topic: string): boolean =>
  reroutedFrom(record, topic) !== null || wasReroutedEarlier(record)

/** What was moved from where to where: what has a copy, and what is a copy's repetition, as the projector tells it. */
const movesOf = (topic: string) => {
  const copied = new Map<string, Watermark>()
  const misrouted = new Map<string, { readonly partition: number; readonly to: number; readonly highest: number }>()
  const pair = (from: number, to: number): string => `${from}>${to}`
  const knownOf = (from: number, to: number): Watermark => copied.get(pair(from, to)) ?? NOTHING_REROUTED
  return {
    /** False for a copy whose original has one already. */
    isFirst: (record: LogRecord): boolean => {
      const from = reroutedFrom(record, topic)
      if (from === null) return true
      const known = knownOf(from.partition, record.partition)
      if (isKnown(known, from.offset)) return false
      copied.set(pair(from.partition, record.partition), withKnown(known, from.offset))
      return true
    },
    sawMisrouted: ({ partition, offset }: LogRecord, to: number): void => {
      misrouted.set(pair(partition, to), { partition, to, highest: offset })
    },
    hasCopy: ({ partition, offset }: LogRecord, to: number): boolean => isKnown(knownOf(partition, to), offset),
    /** The partitions that may hold records without a copy, and from where on. */
    missing: (): readonly { readonly partition: number; readonly from: number }[] => {
      const from = new Map<number, number>()
      for (const { partition, to, highest } of misrouted.values()) {
        const next = knownOf(partition, to).floor + 1
        if (highest >= next) from.set(partition, Math.min(from.get(partition) ?? next, next))
      }
      return [...from].map(([partition, next]) => ({ partition, from: next }))
    },
  }
}
