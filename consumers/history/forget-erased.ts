/**
 * Decides what an export omits of erased students. A new log made from the export holds only the erasure of their
 * events. It folds to the same answers, numbers and suspicions for all other students.
 *
 * The erasure is kept, and everything from the event that enrols the student again. A source's sequence must have no
 * gap, so an erasure with its highest omitted number is added after the student's own.
 */

import { enrolsStudent, scopeOf } from '../../projections/events/scope-of.ts'
import type { Instant, StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import type { Content } from '../events/decoded.ts'
import type { LogRecord } from '../ports/log.ts'
import { STRUCTURED_HEADER } from './ndjson.ts'

type Entry = {
  readonly record: LogRecord
  readonly kind: 'erasure' | 'enrols' | 'other'
  readonly source: string | null
  readonly sequence: bigint | null
  readonly time: Instant | null
}

export type Forgetting = {
  /** Every record of the log, in the order in which they apply, before the first of the other two calls. */
  readonly add: (record: LogRecord) => void
  readonly keeps: (record: LogRecord) => boolean
  /** Records added after this one, in its place. */
  readonly behind: (record: LogRecord) => readonly LogRecord[]
}

/** @param erased the students that the log erases; no state is kept for others */
export const forgetting = (erased: ReadonlySet<StudentId>): Forgetting => {
  const trails = new Map<StudentId, Entry[]>()
  let plans: ReadonlyMap<StudentId, ReturnType<typeof planOf>> | null = null
  const planFor = (record: LogRecord) => {
    plans ??= new Map([...trails].map(([identifier, entries]) => [identifier, planOf(identifier, entries)]))
    const decoded = decode(record)
    return decoded.kind === 'student' ? plans.get(decoded.identifier) : undefined
  }
  return {
    add: (record) => {
      const decoded = decode(record)
      if (decoded.kind !== 'student' || !erased.has(decoded.identifier)) return
      const entries = trails.get(decoded.identifier) ?? []
      trails.set(decoded.identifier, entries)
      entries.push(entryOf(record, decoded.source, decoded.content))
    },
    // A record with an unknown student may concern any student, and the fold does not need it.
    keeps: (record) => decode(record).kind !== 'stray' && planFor(record)?.kept.has(placeOf(record)) !== false,
    behind: (record) => {
      const plan = planFor(record)
      return plan?.erasure === placeOf(record) ? plan.numbers : []
    },
  }
}

/** The student that a record erases; `null` for every other record. */
export const erasedBy = (record: LogRecord): StudentId | null => {
  const decoded = decode(record)
  if (decoded.kind !== 'student') return null
  return entryOf(record, decoded.source, decoded.content).kind === 'erasure' ? decoded.identifier : null
}

const placeOf = ({ partition, offset }: LogRecord): string => `${partition}:${offset}`

const entryOf = (record: LogRecord, source: string | null, content: Content): Entry => {
  if (content.kind === 'broken') {
    const sequence = content.sequence === 'unreadable' ? null : content.sequence
    return { record, kind: 'other', source, sequence, time: null }
  }
  if (content.kind === 'resolution') return { record, kind: 'other', source, sequence: null, time: null }
  const { envelope, fact } = content.event
  const { sequence, time } = envelope
  if (fact === null) return { record, kind: 'other', source, sequence, time }
  const kind = scopeOf(fact) === 'erasure' ? 'erasure' : enrolsStudent(fact) ? 'enrols' : 'other'
  return { record, kind, source, sequence, time }
}

/** By number where both are of one source and have one: such an event waits for those before it. */
const isBehindByNumber = (entry: Entry, other: Entry): boolean =>
  entry.source === other.source && entry.sequence !== null && other.sequence !== null && entry.sequence > other.sequence

const planOf = (identifier: StudentId, entries: readonly Entry[]) => {
  const at = entries.findLastIndex(({ kind }) => kind === 'erasure')
  const erasure = entries[at]!
  const later = entries.filter(
    (entry, index) => entry.kind !== 'erasure' && (index > at || isBehindByNumber(entry, erasure)),
  )
  const renewedAt = later.findIndex(({ kind }) => kind === 'enrols')
  const renewal = later[renewedAt]
  const kept = renewal ? later.filter((entry, index) => index >= renewedAt || isBehindByNumber(entry, renewal)) : []
  const all = new Set([erasure, ...kept])
  return {
    erasure: placeOf(erasure.record),
    kept: new Set([...all].map(({ record }) => placeOf(record))),
    numbers: numbersOf(
      identifier,
      erasure,
      kept,
      entries.filter((entry) => !all.has(entry)),
    ),
  }
}

/** For each source the highest number that is left out, below those that are kept. */
const numbersOf = (
  identifier: StudentId,
  erasure: Entry,
  kept: readonly Entry[],
  dropped: readonly Entry[],
): readonly LogRecord[] => {
  const lowest = new Map<string, bigint>()
  for (const { source, sequence } of kept)
    if (source !== null && sequence !== null && sequence < (lowest.get(source) ?? sequence + 1n))
      lowest.set(source, sequence)
  const highest = new Map<string, bigint>()
  if (erasure.source !== null && erasure.sequence !== null) highest.set(erasure.source, erasure.sequence)
  const own = highest.get(erasure.source ?? '')
  for (const { source, sequence } of dropped) {
    if (source === null || sequence === null || sequence >= (lowest.get(source) ?? sequence + 1n)) continue
    if (sequence > (highest.get(source) ?? 0n)) highest.set(source, sequence)
  }
  if (own !== undefined && highest.get(erasure.source!) === own) highest.delete(erasure.source!)
  return [...highest].map(([source, sequence]) => erasureOf(identifier, erasure, source, sequence))
}

const erasureOf = (identifier: StudentId, { record, time }: Entry, source: string, sequence: bigint): LogRecord => {
  const event = {
    specversion: '1.0',
    id: `forgotten-${sequence}`,
    source,
    type: 'erp.student.erased.v1',
    time: `${time}Z`,
    sequence: String(sequence),
    data: { student: { identifier } },
  }
  const value = Buffer.from(JSON.stringify(event))
  return { ...record, key: Buffer.from(identifier), value, headers: [STRUCTURED_HEADER] }
}
