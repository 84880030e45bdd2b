import { decode, studentNamed } from './decode.ts'
import { partitionOf } from './murmur2.ts'
import type { LogRecord } from './types.ts'

/** The log that is read, by its name and the topic's id. */
export type Topic = { readonly name: string; readonly id: string; readonly partitions: number }

const FROM = 'pullgate-rerouted-from'
const TOPIC_ID = 'pullgate-rerouted-topic'

/**
 * Whose copy a record is: the header's value where that is to be believed, else null. A header with this topic's id is
 * believed, one with another's never, one without an id if this log holds the misrouted original.
 */
export const originsIn = (log: readonly LogRecord[], topic: Topic): ((record: LogRecord) => string | null) => {
  const misrouted = new Map<string, LogRecord>()
  for (const record of log) {
    const student = record.decision === undefined ? studentNamed(decode(record)) : null
    if (student === null || partitionOf(student, topic.partitions) === record.partition) continue
    misrouted.set(`${topic.name}/${record.partition}/${record.offset}`, record)
  }
  const isOriginal = (one: LogRecord | undefined, { value }: LogRecord): boolean =>
    one !== undefined && (one.value === null ? value === null : value !== null && one.value.equals(value))
  return (record) => {
    const from = headerOf(record, FROM)
    const id = headerOf(record, TOPIC_ID)
    if (from === null) return null
    const isBelieved = id === null ? isOriginal(misrouted.get(from), record) : id === topic.id
    return isBelieved ? from : null
  }
}

const headerOf = ({ headers }: LogRecord, name: string): string | null =>
  headers.findLast(([one]) => one === name)?.[1]?.toString() ?? null
