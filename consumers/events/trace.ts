import type { LogRecord } from '../ports/log.ts'
import { readRecord } from './envelope.ts'

/** A W3C trace context, and nothing else: what a publisher may have written in its place does not reach a log line. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The trace that an event belongs to, for log lines about it. */
export const traceOf = (record: LogRecord): string | null => {
  const read = readRecord(record)
  const found = (read.kind === 'raw' ? read.raw.attributes : read.attributes)?.traceparent
  return typeof found === 'string' && TRACEPARENT.test(found) ? found : null
}
