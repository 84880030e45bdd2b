import type { StudentId } from '../../projections/values/ids.ts'
import { headerText } from '../events/envelope.ts'
import type { LogRecord, NewRecord, Position } from '../ports/log.ts'

/** A misrouted record is moved to the partition where its student belongs; this header says where it lay. */
export const REROUTED_FROM = 'pullgate-rerouted-from'

/** Its record was moved so in another log, of which this one is a copy (`events export`): that place means nothing here. */
export const REROUTED_EARLIER = 'pullgate-rerouted-earlier'

/** Value, headers and timestamp unchanged; the key becomes the identifier, by which partitioners place it. */
export const reroutedCopy = (
  topic: string,
  record: LogRecord,
  identifier: StudentId,
  partition: number,
): NewRecord => ({
  topic,
  partition,
  key: Buffer.from(identifier),
  value: record.value,
  headers: [
    ...record.headers.filter(([name]) => name !== REROUTED_FROM),
    [REROUTED_FROM, Buffer.from(`${topic}/${record.partition}/${record.offset}`)],
  ],
  timestampMs: record.timestampMs,
})

/** Where a rerouted copy lay first; `null` for any other record, and for a header of another topic or of no sense. */
export const reroutedFrom = (record: LogRecord, topic: string): Position | null => {
  const text = headerText(record.headers, REROUTED_FROM)
  const parts = text?.startsWith(`${topic}/`) ? /^(\d{1,5})\/(\d{1,15})$/.exec(text.slice(topic.length + 1)) : null
  return parts && { partition: Number(parts[1]), offset: Number(parts[2]) }
}

export const wasReroutedEarlier = ({ headers }: LogRecord): boolean =>
  headers.some(([name]) => name === REROUTED_EARLIER)
