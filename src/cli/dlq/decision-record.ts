import { randomUUID } from 'node:crypto'
import type { NewRecord } from '../../../consumers/ports/log.ts'
import { OPERATOR, RESOLVED } from '../../../projections/events/event.ts'
import type { Interval } from '../../../projections/values/intervals.ts'
import { CliFailure } from '../command/failure.ts'
import type { Choice, DecidableLetter } from './letters.ts'

export type Action = 'replay' | 'discard'

export type DecideOptions = Choice & {
  readonly force?: boolean
  /** `SOURCE#SEQUENCE` or `SOURCE#FIRST-LAST`, repeatable: the numbers that a forced discard lets go of besides; else those that are missing. */
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

/** A number of a source, or all from `sequence` to `last`, as the decision names them. */
export type Numbered = { readonly source: string; readonly sequence: string; readonly last?: string }

export const numberedOf = (source: string, [first, last]: Interval): Numbered => ({
  source,
  sequence: String(first),
  ...(last > first && { last: String(last) }),
})

export const numberedText = ({ source, sequence, last }: Numbered): string =>
  `${source}#${sequence}${last === undefined ? '' : `–${last}`}`

export const parseLetGo = (text: string): Numbered => {
  const parts = /^(.+)#([1-9][0-9]{0,18})(?:-([1-9][0-9]{0,18}))?$/.exec(text)
  if (!parts)
    throw new CliFailure(`--let-go takes SOURCE#NUMBER, as in /erp/branch-7#42, or SOURCE#FIRST-LAST: ${text}`, 2)
  const [, source, first, last] = parts
  return { source: source!, sequence: first!, ...(last !== undefined && { last }) }
}
