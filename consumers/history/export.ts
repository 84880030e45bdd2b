import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import { type Log, type LogRecord, topicOf } from '../ports/log.ts'
import { scan } from '../ports/scan.ts'
import { originalReader } from '../rerouting/originals.ts'
import { wasReroutedEarlier } from '../rerouting/reroute.ts'
import { erasedBy, type Forgetting, forgetting } from './forget-erased.ts'
import { movesOf } from './moves.ts'
import { toLine } from './ndjson.ts'

export type ExportDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets' | 'ends'>
  readonly topic: string
  readonly partitions: number
  readonly partitionOf: (identifier: StudentId) => number
  /** Leaves out all of erased students but their erasure. */
  readonly forgetErased?: boolean
  /** How many records have been read, of how many. */
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Exports the log up to its end at the start, one line for each record, partition by partition, so that a student's
 * events keep their order. It omits tombstones, which have no effect, misrouted records whose copies are exported, and
 * repetitions of copies. Misrouted records without a copy come last.
 */
export async function* exportLines(deps: ExportDeps): AsyncGenerator<string> {
  const { log, topic, partitionOf, onProgress } = deps
  const all = Array.from({ length: deps.partitions }, (_, index) => index)
  const [starts, ends] = await Promise.all([log.startOffsets(topic, all), log.endOffsets(topic, all)])
  const total = all.reduce((sum, partition) => sum + ends.get(partition)! - starts.get(partition)!, 0)
  const moves = await openMoves(deps)
  const forgotten = deps.forgetErased ? await readErased(deps, starts, ends) : FORGETS_NOBODY
  let done = 0

  for (const partition of all) {
    for await (const batch of scan(log, topic, partition, starts.get(partition)!, ends.get(partition)!)) {
      for (const record of batch.records) {
        const found = whereItBelongs(record, partitionOf)
        if (found === null) continue
        if (found.to !== partition) {
          moves.sawMisrouted(record, found.to)
          continue
        }
        const from = found.student && (await moves.originOf(record, found.student))
        if (from !== null && !moves.isFirst(from, partition)) continue
        if (!forgotten.keeps(record)) continue
        yield toLine(record, from !== null || wasReroutedEarlier(record))
        for (const more of forgotten.behind(record)) yield toLine(more, false)
      }
      done += batch.next - batch.from
      onProgress(Math.min(done, total), total)
    }
  }
  for (const { partition, from } of moves.missing()) {
    for await (const batch of scan(log, topic, partition, Math.max(from, starts.get(partition)!), ends.get(partition)!))
      for (const record of batch.records) {
        const to = whereItBelongs(record, partitionOf)?.to ?? partition
        if (to !== partition && !moves.hasCopy(record, to) && forgotten.keeps(record)) yield toLine(record, true)
      }
  }
}

const FORGETS_NOBODY: Pick<Forgetting, 'keeps' | 'behind'> = { keeps: () => true, behind: () => [] }

/** Reads the log twice: first for the erased students, then for all their events, misrouted ones last. */
const readErased = async (
  deps: ExportDeps,
  starts: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
): Promise<Forgetting> => {
  const { log, topic, partitionOf } = deps
  const each = async (see: (record: LogRecord) => void | Promise<void>): Promise<void> => {
    for (const [partition, end] of ends)
      for await (const batch of scan(log, topic, partition, starts.get(partition)!, end))
        for (const record of batch.records) await see(record)
  }
  const erased = new Set<StudentId>()
  await each((record) => {
    const identifier = erasedBy(record)
    if (identifier !== null) erased.add(identifier)
  })
  const forgotten = forgetting(erased)
  if (erased.size === 0) return forgotten
  const moves = await openMoves(deps)
  const misrouted: { readonly record: LogRecord; readonly to: number }[] = []
  await each(async (record) => {
    const found = whereItBelongs(record, partitionOf)
    if (found === null) return
    if (found.to !== record.partition) {
      if (isOf(erased, record)) misrouted.push({ record, to: found.to })
      return
    }
    const from = found.student && (await moves.originOf(record, found.student))
    if (from === null || moves.isFirst(from, record.partition)) forgotten.add(record)
  })
  for (const { record, to } of misrouted) if (!moves.hasCopy(record, to)) forgotten.add(record)
  return forgotten
}

const isOf = (students: ReadonlySet<StudentId>, record: LogRecord): boolean => {
  const decoded = decode(record)
  return decoded.kind === 'student' && students.has(decoded.identifier)
}

type Belonging = { readonly to: number; readonly student: StudentId | null }

/**
 * The partition where the projector applies the record; a record without a student applies anywhere. `null`: a
 * tombstone, which has no effect.
 */
const whereItBelongs = (record: LogRecord, partitionOf: ExportDeps['partitionOf']): Belonging | null => {
  const decoded = decode(record)
  if (decoded.kind === 'tombstone') return null
  if (decoded.kind !== 'student') return { to: record.partition, student: null }
  return { to: partitionOf(decoded.identifier), student: decoded.identifier }
}

type Moves = ReturnType<typeof movesOf>

const openMoves = async ({ log, topic, partitions, partitionOf }: ExportDeps): Promise<Moves> => {
  const topicId = topicOf((await log.ends(topic, [0])).get(0)?.identity ?? '')
  return movesOf(topic, topicId, originalReader(log, { topic, partitions }, partitionOf))
}
