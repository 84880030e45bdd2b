import { randomUUID } from 'node:crypto'
import type { NewRecord } from '../../../consumers/ports/log.ts'
import { OPERATOR, RESOLVED } from '../../../projections/events/event.ts'
import { CliFailure } from '../command/failure.ts'
import type { Choice, DecidableLetter } from './letters.ts'

export type Action = 'replay' | 'discard'

export type DecideOptions = Choice & {
  readonly force?: boolean
  /** `SOURCE#SEQUENCE`, repeatable: the numbers that a forced discard lets go of besides; else those that are missing. */
  readonly letGo?: readonly string[]
}

/** The decision as an event; a replay carries the letter's record, so that the log alone tells all. */
export const decisionRecord = (
  topic: string,
  partition: number,
  action: Action,
  letter: DecidableLetter,
  force: boolean,
  letGo: readonly Numbered[],
): NewRecord => {
  const { identifier, record } = letter
  const base64 = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString('base64')
  const replayed = {
    key: base64(record.key),
    value: base64(record.value),
    headers: record.headers.flatMap(([name, value]) => (value === null ? [] : [[name, base64(value)]])),
    timestamp_ms: record.timestampMs,
  }
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
      letters: [
        { topic, partition: letter.partition, offset: letter.offset, ...(action === 'replay' && { record: replayed }) },
      ],
      ...(letGo.length > 0 && { let_go: letGo }),
    },
  }
  return { topic, partition, key: Buffer.from(identifier!), value: Buffer.from(JSON.stringify(event)), headers: [] }
}

/** A number of a source, as the decision names it. */
export type Numbered = { readonly source: string; readonly sequence: string }

export const parseLetGo = (text: string): Numbered => {
  const parts = /^(.+)#([1-9][0-9]{0,18})$/.exec(text)
  if (!parts) throw new CliFailure(`--let-go takes SOURCE#SEQUENCE, as in /erp/branch-7#42; this is none: ${text}`, 2)
  return { source: parts[1]!, sequence: parts[2]! }
}
