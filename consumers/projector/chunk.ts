import type { AnswerChange } from '../../projections/answers/summary.ts'
import { parseStudentId } from '../../projections/events/fields.ts'
import type { DeadLetter, Outcome, RecordOutcome } from '../../projections/sequence/incoming-record.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { originOf } from '../events/origin.ts'
import type { LogRecord, Position } from '../ports/log.ts'
import type { PartitionWrite } from '../ports/store.ts'
import { NO_ORIGINALS, type Originals } from '../rerouting/originals.ts'
import { type CheckpointMetadata, encodeMetadata } from '../stored/checkpoint-metadata.ts'
import type { CheckpointView } from '../stored/checkpoint-view.ts'
import { type FoldedStudent, foldStudent } from './fold-student.ts'
import type { ProjectorObserver } from './observer.ts'
import { type SortedBatch, sortBatch } from './sort-batch.ts'
import type { WorkerDeps } from './worker-deps.ts'

type ChunkDeps = Pick<WorkerDeps, 'topic' | 'partitionOf' | 'rendering' | 'watchAnswersMs' | 'clock' | 'beside'>

const NO_ANSWERS: ReadonlyMap<StudentId, string> = new Map()

/** So many records of one partition that are written at once, and the place that they are applied on. */
export type Chunk = {
  readonly partition: number
  readonly at: CheckpointView
  readonly records: readonly LogRecord[]
  /** The offset after them. */
  readonly next: number
}

/** What is to be written of a chunk, and what is told of it. */
export type FoldedChunk = {
  readonly kind: 'folded'
  readonly write: PartitionWrite
  readonly letters: readonly DeadLetter[]
  readonly misrouted: SortedBatch['misrouted']
  readonly outcomes: readonly Pick<RecordOutcome, 'type' | 'outcome'>[]
  readonly metadata: CheckpointMetadata
  readonly answerChanges: readonly AnswerChange[]
}

type Missing = {
  readonly kind: 'missing'
  readonly ids: readonly StudentId[]
  readonly originals: readonly Position[]
}

/**
 * Synchronous: decoded events become garbage before any wait. Thousands of decoded events that outlive a wait are
 * copied twice by the garbage collector.
 *
 * @param stored the students' stored records, `null` without one
 * @param recent recent answers, where they are monitored and exist
 * @param originals the misrouted originals read so far
 * @returns `missing`: students not loaded yet, and originals not read yet
 */
export const foldChunk = (
  chunk: Chunk,
  stored: ReadonlyMap<StudentId, Uint8Array | null>,
  { topic, partitionOf, rendering, watchAnswersMs: watchMs = 0, clock, beside = false }: ChunkDeps,
  recent: ReadonlyMap<StudentId, string> = NO_ANSWERS,
  originals: Originals = NO_ORIGINALS,
): FoldedChunk | Missing => {
  const plan = sortBatch(chunk.records, chunk.at.metadata, topic, partitionOf, originals)
  const ids = [...plan.shares.keys()].filter((id) => !stored.has(id))
  if (ids.length + plan.unread.length > 0) return { kind: 'missing', ids, originals: plan.unread }
  const nowMs = clock()
  const folded = Array.from(plan.shares, ([identifier, items]) => {
    const lines = recent.get(identifier)
    const answered = lines === undefined ? null : { lines, watchMs, nowMs }
    return foldStudent({ identifier, items }, stored.get(identifier) ?? null, rendering, answered)
  })
  const strays = plan.strays.map(({ place, detail, where }): DeadLetter => ({ place, reason: 'poison', detail, where }))
  return {
    kind: 'folded',
    // While it builds beside a live generation, what is long ago is no news: all else counts, whatever its clock says.
    write: writeOf(chunk, plan, folded, beside ? nowMs - FORGOTTEN_MS : Number.NEGATIVE_INFINITY),
    letters: [...folded.flatMap((share) => share.deadLetters), ...strays],
    misrouted: plan.misrouted,
    outcomes: [...plan.outcomes, ...folded.flatMap((share) => share.outcomes)],
    metadata: plan.metadata,
    answerChanges: folded.flatMap((share) => share.answerChanges),
  }
}

/** The students that the records' keys name. */
export const keysOf = (records: readonly LogRecord[]): readonly StudentId[] => {
  const ids = new Set<StudentId>()
  for (const { key } of records) {
    const id = key && parseStudentId(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8'))
    if (id) ids.add(id)
  }
  return [...ids]
}

const writeOf = (
  { partition, at, next }: Chunk,
  plan: SortedBatch,
  folded: readonly FoldedStudent[],
  sinceMs: number,
): PartitionWrite => ({
  generation: at.generation,
  partition,
  expected: at.next,
  checkpoint: { next, metadata: encodeMetadata(plan.metadata) },
  records: new Map(folded.map(({ identifier, record }) => [identifier, record])),
  customAdded: folded.flatMap((share) => share.customAdded),
  customRemoved: folded.flatMap((share) => share.customRemoved),
  suspectAdded: folded.filter((share) => share.becameSuspect === true).map((share) => share.identifier),
  suspectRemoved: folded.filter((share) => share.becameSuspect === false).map((share) => share.identifier),
  heartbeats: plan.heartbeats,
  misrouting: misroutingSources(plan, sinceMs),
})

/** A source that has misrouted nothing for so long is forgotten by a rebuild. */
const FORGOTTEN_MS = 30 * 86_400_000

/** The publishers that have misrouted since then, by the time of their records. */
const misroutingSources = ({ moved, misrouted }: SortedBatch, sinceMs: number): readonly string[] => {
  const sources = new Set<string>()
  for (const [source, timestampMs] of moved) if (timestampMs >= sinceMs) sources.add(source)
  for (const { source, record } of misrouted) if (source !== null && record.timestampMs >= sinceMs) sources.add(source)
  return [...sources]
}

/** An older event was not published now: a first load, or a clock at 1970, would distort the histogram. */
const OLD_MS = 86_400_000

export const report = (
  { observer, clock }: Pick<WorkerDeps, 'observer' | 'clock'>,
  {
    outcomes,
    misrouted,
    letters,
    answerChanges,
  }: Pick<FoldedChunk, 'outcomes' | 'misrouted' | 'letters' | 'answerChanges'>,
  records: readonly LogRecord[],
): void => {
  const counts = new Map<string, Parameters<ProjectorObserver['events']>>()
  const count = (type: string, outcome: Outcome | 'misrouted'): void => {
    const known = counts.get(`${outcome} ${type}`)
    if (known) known[2] += 1
    else counts.set(`${outcome} ${type}`, [type, outcome, 1])
  }
  for (const { type, outcome } of outcomes) count(type, outcome)
  for (const { type } of misrouted) count(type, 'misrouted')
  for (const [type, outcome, times] of counts.values()) observer.events(type, outcome, times)
  for (const { source } of misrouted) observer.misrouted(source)
  for (const { reason, detail, place } of letters) {
    // A letter of an earlier batch that only now proved bad is not among these records.
    const record = records.find(({ offset }) => offset === place.offset)
    const origin = record ? originOf(record) : { source: null, traceparent: null }
    observer.deadLetter({ reason, detail, place, ...origin })
  }
  for (const change of answerChanges) observer.answerSuperseded(change)
  const now = clock()
  for (const { timestampMs } of records)
    if (now - timestampMs < OLD_MS) observer.visible(Math.max(0, now - timestampMs) / 1000)
}
