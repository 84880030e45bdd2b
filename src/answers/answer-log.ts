import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { scan } from '../../consumers/ports/scan.ts'
import type { AnswerRecord } from './answer-record.ts'
import { markOf, type RecorderMark } from './recorder-header.ts'

export type AnswerLog = Pick<Log, 'read' | 'startOffsets' | 'endOffsets' | 'ends'>

/** A part of one partition of the topic of answers. */
export type AnswerSpan = {
  readonly partition: number
  readonly start: number
  readonly end: number
  /** Older records of the time that was asked for are gone. */
  readonly isCut: boolean
}

/**
 * The first record that is not older than a moment, by halving: the brokers date the records, so they lie in order. What
 * expires meanwhile counts as older.
 */
const firstSince = async (
  log: AnswerLog,
  topic: string,
  partition: number,
  { start, end }: Pick<AnswerSpan, 'start' | 'end'>,
  sinceMs: number,
): Promise<number> => {
  let [low, high] = [start, end]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const batch = await log.read(topic, partition, middle, { maxBytes: 1, waitMs: 500 })
    const record = batch?.records[0]
    if (record !== undefined && record.timestampMs >= sinceMs) high = middle
    else low = Math.max(middle + 1, Math.min(record === undefined ? (batch?.next ?? 0) : record.offset + 1, high))
  }
  return low
}

/** Where the answers since a moment lie, up to where the log ended when it was asked. */
export const answerSpans = async (
  log: AnswerLog,
  topic: string,
  partitions: readonly number[],
  sinceMs: number,
): Promise<readonly AnswerSpan[]> => {
  const [starts, ends] = await Promise.all([log.startOffsets(topic, partitions), log.endOffsets(topic, partitions)])
  const spans: AnswerSpan[] = []
  for (const partition of partitions) {
    const [first, end] = [starts.get(partition)!, ends.get(partition)!]
    const start = await firstSince(log, topic, partition, { start: first, end }, sinceMs)
    spans.push({ partition, start, end, isCut: first > 0 && start === first })
  }
  return spans
}

/** A recorded answer as it lies in the log. `mark`: `null` where something else wrote it. */
export type LoggedAnswer = {
  readonly record: LogRecord
  readonly key: string | null
  readonly mark: RecorderMark | null
}

/** The answers of a span, each once: an append that was repeated is known by its number. */
export async function* readAnswers(
  log: AnswerLog,
  topic: string,
  { partition, start, end }: AnswerSpan,
  onRead: (records: number) => void = () => {},
): AsyncGenerator<LoggedAnswer> {
  const seen = new Map<string, Set<number>>()
  for await (const batch of scan(log, topic, partition, start, end)) {
    for (const record of batch.records) {
      const mark = markOf(record)
      if (mark !== null) {
        const numbers = seen.get(mark.recorder) ?? new Set()
        seen.set(mark.recorder, numbers)
        if (numbers.has(mark.number)) continue
        numbers.add(mark.number)
      }
      yield { record, key: record.key && Buffer.from(record.key).toString('latin1'), mark }
    }
    onRead(batch.next - batch.from)
  }
}

/** `null`: no JSON of an answer. */
export const parseAnswer = ({ value }: Pick<LogRecord, 'value'>): AnswerRecord | null => {
  try {
    const parsed = JSON.parse(Buffer.from(value ?? '').toString()) as AnswerRecord
    return typeof parsed === 'object' && parsed !== null && typeof parsed.at === 'string' ? parsed : null
  } catch {
    return null
  }
}

/** A gateway's clock that differs by more than this from the brokers' is corrected. */
const MOST_SKEW_MS = 60_000

/** How much the gateway's clock was behind the brokers' when it sent the answer to the log; 0 where they agree. */
export const skewMs = ({ record, mark }: LoggedAnswer): number => {
  const skew = mark === null ? 0 : record.timestampMs - mark.sentAtMs
  return Math.abs(skew) > MOST_SKEW_MS ? skew : 0
}

/** When it was answered, by the brokers' clock. */
export const answeredAtMs = (answer: LoggedAnswer, { at }: Pick<AnswerRecord, 'at'>): number =>
  Date.parse(at) + skewMs(answer)
