import type { LogRecord } from '../ports/log.ts'
import { readRecord } from './envelope.ts'

/** Where an event comes from, for log lines and metrics about it; `null`: that cannot be told. */
export type EventOrigin = { readonly source: string | null; readonly traceparent: string | null }

/** A W3C trace context, and nothing else: what a publisher may have written in its place does not reach a log line. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
/** The contract's bound of a source. */
const MAX_SOURCE_CHARACTERS = 256

export const originOf = (record: LogRecord): EventOrigin => {
  const read = readRecord(record)
  const { source, traceparent } = (read.kind === 'raw' ? read.raw.attributes : read.attributes) ?? {}
  return {
    source: typeof source === 'string' && isSource(source) ? source : null,
    traceparent: typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : null,
  }
}

/** A character has one or two UTF-16 units, so the first comparison bounds the work of the second. */
const isSource = (text: string): boolean =>
  text !== '' && text.length <= 2 * MAX_SOURCE_CHARACTERS && [...text].length <= MAX_SOURCE_CHARACTERS
