import type { StudentId } from '../../projections/values/ids.ts'
import { headerText } from '../events/envelope.ts'
import type { LogRecord, NewRecord, Position } from '../ports/log.ts'

/** A misrouted record is moved to its student's partition; this header holds its original position. */
export const REROUTED_FROM = 'pullgate-rerouted-from'

/**
 * The id of the original topic: a mirrored or restored topic has a different id, and its positions mean nothing here.
 */
export const REROUTED_TOPIC = 'pullgate-rerouted-topic'

/** Its record was moved so in another log, of which this one is a copy (`events export`): that place means nothing here. */
export const REROUTED_EARLIER = 'pullgate-rerouted-earlier'

/** Value, headers and timestamp unchanged; the key becomes the identifier, by which partitioners place it. */
export const reroutedCopy = (
  { topic, id }: { readonly topic: string; readonly id: string },
  record: LogRecord,
  identifier: StudentId,
  partition: number,
): NewRecord => ({
  topic,
  partition,
  key: Buffer.from(identifier),
  value: record.value,
  headers: [
    ...record.headers.filter(([name]) => name !== REROUTED_FROM && name !== REROUTED_TOPIC),
    [REROUTED_FROM, Buffer.from(`${topic}/${record.partition}/${record.offset}`)],
    [REROUTED_TOPIC, Buffer.from(id)],
  ],
  timestampMs: record.timestampMs,
})

/**
 * What a record says of where it lay first. `named`: it bears this topic's id; without an id it counts only if the log
 * holds its misrouted original.
 */
export type ReroutedMark = { readonly from: Position; readonly named: boolean }

/** `null` for any other record, and for a header of another topic, of another topic's id, or of no sense. */
export const reroutedMark = (record: LogRecord, topic: string, topicId: string): ReroutedMark | null => {
  if (record.headers.length === 0) return null
  const text = headerText(record.headers, REROUTED_FROM)
  const parts = text?.startsWith(`${topic}/`) ? /^(\d{1,5})\/(\d{1,15})$/.exec(text.slice(topic.length + 1)) : null
  if (!parts) return null
  const id = headerText(record.headers, REROUTED_TOPIC)
  const isNamed = record.headers.some(([name]) => name === REROUTED_TOPIC)
  if (isNamed && id !== topicId) return null
  return { from: { partition: Number(parts[1]), offset: Number(parts[2]) }, named: isNamed }
}

export const wasReroutedEarlier = ({ headers }: LogRecord): boolean =>
  headers.some(([name]) => name === REROUTED_EARLIER)
