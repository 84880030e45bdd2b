import { type HistoryStep, historyOf } from '../../consumers/history/history.ts'
import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { Rendering } from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { answerSpans, readAnswers } from './answer-log.ts'
import { type GivenAnswer, givenAnswer } from './given-answer.ts'
import { type KeyedHash, keyFingerprint } from './keyed-hash.ts'

export type StudentAnswersDeps = {
  readonly log: Pick<Log, 'read' | 'startOffsets' | 'endOffsets' | 'ends'>
  readonly topic: string
  readonly partitions: number
  readonly rendering: Rendering
  readonly hashed: KeyedHash
  readonly scopeOf: (client: string) => Scope
  readonly sinceMs: number
  readonly onProgress: (done: number, total: number) => void
}

/** All that both logs hold of one student. */
export type StudentRecordings = {
  /** In the order in which they were recorded. */
  readonly answers: readonly GivenAnswer[]
  /** From the beginning of the log on. */
  readonly steps: readonly HistoryStep[]
  /** The offset at which the student's partition of the events' log begins, and the one behind its end. */
  readonly events: { readonly start: number; readonly end: number }
  /** Answers of the partition that were recorded under another key; some may be this student's. */
  readonly underOtherKeys: number
  /** Older answers of that time are gone. */
  readonly isCut: boolean
}

export const recordingsOf = async (deps: StudentAnswersDeps, identifier: StudentId): Promise<StudentRecordings> => {
  const { log, topic, partitions, rendering, hashed, scopeOf, sinceMs, onProgress } = deps
  const partition = partitionOf(identifier, partitions)
  const [key, ownKey] = [hashed(identifier), keyFingerprint(hashed)]
  const [span] = await answerSpans(log, answersName(topic), [partition], sinceMs)
  const { start, end, isCut } = span!
  const answers: GivenAnswer[] = []
  let [underOtherKeys, read] = [0, 0]
  const onRead = (records: number): void => {
    read += records
    onProgress(read, end - start)
  }
  for await (const logged of readAnswers(log, answersName(topic), span!, onRead)) {
    if (logged.mark !== null && logged.mark.key !== ownKey) underOtherKeys += 1
    if (logged.key !== key) continue
    const answer = givenAnswer(logged, scopeOf)
    if (answer !== null && answer.atMs >= sinceMs) answers.push(answer)
  }
  const steps: HistoryStep[] = []
  const history = historyOf({ log, topic, partitions, calendar: rendering.calendar, onProgress }, identifier)
  for await (const step of history) steps.push({ ...step, record: ownCopy(step.record) })
  const [starts, ends] = await Promise.all([log.startOffsets(topic, [partition]), log.endOffsets(topic, [partition])])
  const events = { start: starts.get(partition)!, end: ends.get(partition)! }
  return { answers, steps, events, underOtherKeys, isCut }
}

/** A record's bytes are a view of all that was read with it. */
const ownCopy = (record: LogRecord): LogRecord => ({
  ...record,
  key: record.key && Buffer.from(record.key),
  value: record.value && Buffer.from(record.value),
  headers: record.headers.map(([name, value]) => [name, value && Buffer.from(value)]),
})

export type TimelineEntry =
  | { readonly kind: 'answer'; readonly answer: GivenAnswer }
  | { readonly kind: 'event'; readonly step: HistoryStep }

/** Answers and events in the order of the log: an answer stands behind the last event that is in it. */
export const timelineOf = ({
  answers,
  steps,
}: Pick<StudentRecordings, 'answers' | 'steps'>): readonly TimelineEntry[] => {
  const entries: TimelineEntry[] = []
  const waiting = [...answers]
  const release = (isDue: (answer: GivenAnswer) => boolean): void => {
    for (let next = waiting[0]; next !== undefined && isDue(next); next = waiting[0]) {
      entries.push({ kind: 'answer', answer: next })
      waiting.shift()
    }
  }
  for (const step of steps) {
    release(({ applied, atMs }) => (applied === null ? atMs <= step.timestampMs : applied <= step.place.offset))
    entries.push({ kind: 'event', step })
  }
  release(() => true)
  return entries
}
