import { z } from 'zod'
import type { LogPosition, StudentEvent } from '../../projections/events/event.ts'
import { studentId } from '../../projections/events/fields.ts'
import type { Broken, Resolution } from '../../projections/sequence/incoming-record.ts'
import type { ForeignEvent } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord } from '../ports/log.ts'
import type { Decoded } from './decoded.ts'

/**
 * An operator's decision as an event in the log. A replay carries the letter's record, so that folding the log again
 * needs nothing but the log.
 */
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64')
const replayedRecord = z.object({
  key: base64.nullable(),
  value: base64.nullable(),
  headers: z.array(z.tuple([z.string(), base64])),
  timestamp_ms: z.int(),
})
const offset = z.int().min(0)
const digits = z.string().regex(/^[1-9][0-9]{0,18}$/, 'must be digits')
export const resolutionData = z
  .object({
    student: z.object({ identifier: studentId }),
    action: z.enum(['replay', 'discard', 'settle']),
    force: z.boolean().optional(),
    letters: z.array(z.object({ topic: z.string(), partition: offset, offset, record: replayedRecord.optional() })),
    waiting: z.array(z.object({ partition: offset, offset })).optional(),
    flooded: z.boolean().optional(),
    let_go: z.array(z.object({ source: z.string(), sequence: digits, last: digits.optional() })).optional(),
  })
  .refine(
    ({ letters, waiting = [], flooded, let_go = [] }) =>
      letters.length + waiting.length + let_go.length > 0 || flooded === true,
    'names nothing',
  )

export type ReadResolution =
  | { readonly kind: 'valid'; readonly identifier: StudentId; readonly resolution: Resolution }
  | { readonly kind: 'invalid'; readonly where: string }

type Decode = (record: LogRecord, ignoresSequence?: boolean) => Decoded

export const readResolution = (
  envelope: Pick<Resolution, 'place' | 'envelope' | 'timestampMs'>,
  data: unknown,
  decode: Decode,
): ReadResolution => {
  const parsed = resolutionData.safeParse(data)
  if (!parsed.success) return { kind: 'invalid', where: parsed.error.issues[0]?.path.join('/') ?? '' }
  const { student, action, force, letters, let_go, waiting, flooded } = parsed.data
  const resolution: Resolution = {
    kind: 'resolution',
    ...envelope,
    action,
    force: force ?? false,
    letters: letters.map(({ partition, offset: at, record }) => {
      const place: LogPosition = { partition, offset: at }
      return {
        place,
        replayed: record ? replayed(logRecord(place, record), student.identifier, force ?? false, decode) : null,
      }
    }),
    dropped: waiting ?? [],
    flooded: flooded ?? false,
    skipped: (let_go ?? []).map(({ source, sequence, last }) => ({
      source,
      numbers: [BigInt(sequence), BigInt(last ?? sequence)],
    })),
  }
  return { kind: 'valid', identifier: student.identifier, resolution }
}

const logRecord = (place: LogPosition, record: z.output<typeof replayedRecord>): LogRecord => ({
  ...place,
  timestampMs: record.timestamp_ms,
  key: bytes(record.key),
  value: bytes(record.value),
  headers: record.headers.map(([name, value]) => [name, Buffer.from(value, 'base64')]),
})

/** By force it applies as an event without a sequence: then one that cannot be read is no fault. */
const replayed = (
  record: LogRecord,
  identifier: StudentId,
  force: boolean,
  decode: Decode,
): StudentEvent | ForeignEvent | Broken | null => {
  const asItStands = decode(record)
  const decoded = force && isUnread(asItStands) ? decode(record, true) : asItStands
  if (decoded.kind === 'stray') return decoded.broken
  if (decoded.kind !== 'student' || decoded.identifier !== identifier || decoded.content.kind === 'resolution')
    return null
  return decoded.content.kind === 'event' ? decoded.content.event : decoded.content
}

const isUnread = (decoded: Decoded): boolean =>
  decoded.kind === 'student' && decoded.content.kind === 'broken' && decoded.content.sequence === 'unreadable'

const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text, 'base64'))
