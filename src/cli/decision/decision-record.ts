import { randomUUID } from 'node:crypto'
import type { LogRecord, NewRecord } from '../../../consumers/ports/log.ts'
import { OPERATOR, RESOLVED } from '../../../projections/events/event.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { Interval } from '../../../projections/values/intervals.ts'

/** An operator's decision about one student, as a command makes it. */
export type OperatorDecision = {
  readonly action: 'replay' | 'discard' | 'settle'
  readonly force?: boolean
  /** Dead letters by their original records. A replay carries the record, so the log alone is sufficient. */
  readonly letters?: readonly LogRecord[]
  /** Events that wait, and are dropped. */
  readonly waiting?: readonly { readonly partition: number; readonly offset: number }[]
  /** All letters that are not known one by one. */
  readonly flooded?: boolean
  readonly skipped?: readonly Numbered[]
}

export const decisionRecord = (
  topic: string,
  partition: number,
  identifier: StudentId,
  { action, force = false, letters = [], waiting = [], flooded = false, skipped = [] }: OperatorDecision,
): NewRecord => {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: OPERATOR,
    type: RESOLVED,
    time: new Date().toISOString(),
    data: {
      student: { identifier },
      action,
      force,
      letters: letters.map((record) => ({
        topic,
        partition: record.partition,
        offset: record.offset,
        ...(action === 'replay' && { record: carried(record) }),
      })),
      ...(waiting.length > 0 && { waiting }),
      ...(flooded && { flooded }),
      ...(skipped.length > 0 && { let_go: skipped }),
    },
  }
  return { topic, partition, key: Buffer.from(identifier), value: Buffer.from(JSON.stringify(event)), headers: [] }
}

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')

const carried = ({ key, value, headers, timestampMs }: LogRecord) => ({
  key: base64(key),
  value: base64(value),
  headers: headers.flatMap(([name, bytes]) => (bytes === null ? [] : [[name, base64(bytes)]])),
  timestamp_ms: timestampMs,
})

/** A number of a source, or all from `sequence` to `last`, as the decision names them. */
export type Numbered = { readonly source: string; readonly sequence: string; readonly last?: string }

export const numberedOf = (source: string, [first, last]: Interval): Numbered => ({
  source,
  sequence: String(first),
  ...(last > first && { last: String(last) }),
})

export const numberedText = ({ source, sequence, last }: Numbered): string =>
  `${source}#${sequence}${last === undefined ? '' : `–${last}`}`
