import { readRecord } from '../../consumers/events/envelope.ts'
import type { LogRecord } from '../../consumers/ports/log.ts'

/** An event as a list names it, in the words of a student's history. */
export type EventSummary = {
  readonly at: string
  readonly recorded_at: string
  readonly id: string | null
  readonly source: string | null
  readonly type: string
  readonly sequence: string | null
  readonly time: string | null
}

export const eventOf = (record: LogRecord): EventSummary => {
  const read = readRecord(record)
  const attributes = read.kind === 'raw' ? read.raw.attributes : read.attributes
  return {
    at: `${record.partition}:${record.offset}`,
    recorded_at: new Date(record.timestampMs).toISOString(),
    id: textOf(attributes?.id),
    source: textOf(attributes?.source),
    type: textOf(attributes?.type) ?? 'unknown',
    sequence: textOf(attributes?.sequence),
    time: textOf(attributes?.time),
  }
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null
