import type { LogPosition } from '../../projections/events/event.ts'
import type { DeadLetter } from '../../projections/sequence/incoming-record.ts'
import { inWords } from '../events/reject-reasons.ts'
import type { Log, LogRecord, NewRecord } from '../ports/log.ts'
import { dlqName } from '../ports/topic-spec.ts'
import { addLetterHeaders } from './letter-headers.ts'
import { isLetterWritten } from './written.ts'

export type DeadLetterTopic = {
  /**
   * Resolves when every letter is acknowledged. A letter of a record below `inherited` may already exist (from a
   * projector that died, or for another generation), so it is searched first. A letter written twice is recognised by
   * its position.
   */
  readonly write: (
    letters: readonly DeadLetter[],
    batch: ReadonlyMap<number, LogRecord>,
    inherited: number,
  ) => Promise<void>
}

export const deadLetterTopic = (log: Log, topic: string): DeadLetterTopic => {
  const isWritten = isLetterWritten(log, topic)
  return {
    write: async (letters, batch, inherited) => {
      const records: NewRecord[] = []
      for (const letter of letters) {
        const record = await recordAt(log, topic, letter.place, batch)
        const told = { ...letter, detail: inWords(letter) }
        if (letter.place.offset < inherited && (await isWritten(record, told.reason, told.detail))) continue
        records.push(asDeadLetter(topic, told, record))
      }
      if (records.length > 0) await log.append(records)
    },
  }
}

/** It may have waited long before it turned out bad: then the log is asked for it again. */
const recordAt = async (
  log: Log,
  topic: string,
  place: LogPosition,
  batch: ReadonlyMap<number, LogRecord>,
): Promise<LogRecord> => {
  const known = batch.get(place.offset)
  if (known) return known
  const read = await log.read(topic, place.partition, place.offset, { waitMs: 1000 })
  const record = read?.records[0]
  if (record?.offset === place.offset) return record
  throw new Error(`the log no longer holds ${place.partition}:${place.offset}, which is to be a dead letter`)
}

/** Key, value and headers unchanged; the added headers state origin and reason, and hold no content. */
const asDeadLetter = (topic: string, letter: DeadLetter, record: LogRecord): NewRecord => {
  const headers = addLetterHeaders(record.headers, {
    'pullgate-reason': letter.reason,
    'pullgate-detail': letter.detail,
    'pullgate-topic': topic,
    'pullgate-partition': String(letter.place.partition),
    'pullgate-offset': String(letter.place.offset),
    'pullgate-timestamp': String(record.timestampMs),
  })
  return {
    topic: dlqName(topic),
    partition: letter.place.partition,
    key: record.key,
    value: record.value,
    headers,
  }
}
