import type { Log, LogRecord } from '../ports/log.ts'
import { LogError } from '../ports/log-error.ts'
import { dlqName } from '../ports/topic-spec.ts'
import { fingerprintOf } from '../stored/checkpoint-metadata.ts'
import { letterHeader } from './letter-headers.ts'

type ReadLetters = { at: number; identity: string; readonly letters: Set<string> }

/**
 * Whether a record is already in the dead-letter topic for the same reason; a replayed record may fail for another one.
 * The position and the log's identity decide, because a recreated log has other records at the same positions.
 * A partition of the topic is read once, at the first request for one of its letters; later only additions are read. A
 * remembered letter takes about 100 bytes.
 */
export const isLetterWritten = (
  log: Pick<Log, 'ends' | 'startOffsets' | 'read'>,
  topic: string,
): ((record: LogRecord, reason: string, detail: string) => Promise<boolean>) => {
  const dlq = dlqName(topic)
  const partitions = new Map<number, ReadLetters>()
  /** Each partition of the topic is read by one at a time, and none waits for another. */
  const turns = new Map<number, Promise<unknown>>()

  const look = async (partition: number): Promise<ReadLetters> => {
    const end = (await log.ends(dlq, [partition])).get(partition)
    if (end === undefined) throw new LogError('unavailable', `the log does not tell the end of ${dlq}`)
    let seen = partitions.get(partition)
    if (seen?.identity !== end.identity) {
      const at = (await log.startOffsets(dlq, [partition])).get(partition) ?? 0
      seen = { at, identity: end.identity, letters: new Set() }
      partitions.set(partition, seen)
    }
    while (seen.at < end.next) {
      const batch = await log.read(dlq, partition, seen.at, { waitMs: 1000 })
      if (!batch || batch.next === seen.at) break
      for (const letter of batch.records) seen.letters.add(letterKey(letter))
      seen.at = batch.next
    }
    return seen
  }

  return (record, reason, detail) => {
    const { partition } = record
    const looked = (turns.get(partition) ?? Promise.resolve()).then(() => look(partition))
    turns.set(
      partition,
      looked.catch(() => {}),
    )
    return looked.then(({ letters }) => letters.has([record.offset, reason, detail, fingerprintOf(record)].join(':')))
  }
}

const letterKey = (letter: LogRecord): string => {
  const timestampMs = Number(letterHeader(letter, 'pullgate-timestamp'))
  const names = ['pullgate-offset', 'pullgate-reason', 'pullgate-detail'] as const
  return [...names.map((name) => letterHeader(letter, name)), fingerprintOf({ ...letter, timestampMs })].join(':')
}
