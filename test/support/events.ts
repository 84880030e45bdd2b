import type { LogRecord } from '../../consumers/ports/log.ts'
import type { Said } from '../golden/example.ts'

/** Records of the log as publishers write them, in each of the three shapes. */

export const EVENT = { specversion: '1.0', source: '/erp/main', time: '2026-06-01T09:00:00+05:30' } as const

/** A CloudEvent with what every event needs; `said` overrides, and `undefined` takes an attribute away. */
export const eventOf = (said: object): Record<string, unknown> => ({ ...EVENT, id: 'e1', ...said })

export const recordOf = (value: string | Buffer | null, at: Partial<LogRecord> = {}): LogRecord => ({
  partition: 0,
  offset: 0,
  timestampMs: 1_780_000_000_000,
  key: Buffer.from('S-1'),
  value: typeof value === 'string' ? Buffer.from(value) : value,
  headers: [],
  ...at,
})

export const bare = (said: object, at: Partial<LogRecord> = {}): LogRecord =>
  recordOf(JSON.stringify(eventOf(said)), at)

export const structured = (said: object, at: Partial<LogRecord> = {}): LogRecord =>
  bare(said, { headers: [['content-type', Buffer.from('application/cloudevents+json; charset=UTF-8')]], ...at })

/** An object among the attributes may have a `toString` that is no function. */
const headerOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** @param value what stands where the data should be, if not the data itself */
export const binary = (said: object, at: Partial<LogRecord> = {}, value?: Buffer | null): LogRecord => {
  const { data, ...attributes } = eventOf(said)
  const headers = Object.entries(attributes).flatMap(([name, text]) =>
    text === undefined ? [] : [[`ce_${name}`, Buffer.from(headerOf(text))] as const],
  )
  return recordOf(value === undefined ? (JSON.stringify(data) ?? null) : value, {
    headers: [['content-type', Buffer.from('application/json')], ...headers],
    ...at,
  })
}

/** The same event under a number of its source. */
export const nth = (sequence: number | string, said: Said, attributes: Partial<Said> = {}): Said => ({
  ...said,
  sequence,
  ...attributes,
})

/** An operator's decision about letters of partition 0; replayed ones carry their record. */
export const decision = (
  action: 'replay' | 'discard' | 'settle',
  letters: readonly (number | LogRecord)[],
  data: {
    readonly force?: boolean
    readonly flooded?: boolean
    readonly waiting?: readonly { readonly partition: number; readonly offset: number }[]
    readonly let_go?: readonly { source: string; sequence: string; last?: string }[]
  } = {},
): Said => ({
  type: 'pullgate.student.resolved.v1',
  source: '/pullgate/operator',
  data: {
    student: { identifier: 'S-1' },
    action,
    ...data,
    letters: letters.map((letter) =>
      typeof letter === 'number'
        ? { topic: 'erp.student-events', partition: 0, offset: letter }
        : { topic: 'erp.student-events', partition: 0, offset: letter.offset, record: carriedRecord(letter) },
    ),
  },
})

/** A record as a decision carries it. */
export const carriedRecord = ({ key, value, headers, timestampMs }: LogRecord) => ({
  key: key && Buffer.from(key).toString('base64'),
  value: value && Buffer.from(value).toString('base64'),
  headers: headers.map(([name, bytes]) => [name, Buffer.from(bytes ?? []).toString('base64')]),
  timestamp_ms: timestampMs,
})
