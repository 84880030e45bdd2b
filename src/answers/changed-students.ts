import { identifierOfKey } from '../../consumers/events/named-student.ts'
import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { scan } from '../../consumers/ports/scan.ts'
import { findIdentifiers } from '../../consumers/scout/identifiers.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { KeyedHash } from './keyed-hash.ts'

/** Hears of every student whom a record may concern: a superset, at a fraction of the cost of decoding. */
export const namesIn = ({ key, value }: LogRecord, found: (id: StudentId) => void): void => {
  if (value === null) return
  const ofKey = identifierOfKey(key)
  if (ofKey !== null) found(ofKey)
  findIdentifiers(asBuffer(value), ofKey === null ? null : key, found)
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Identifiers whose hash is remembered: events of one student follow each other. */
const MOST_REMEMBERED = 50_000

/**
 * The answered students that have a record in the log behind one of their answers, with their keys.
 *
 * @param applied by key, the first offset that is not in the earliest of the answers
 */
export const changedStudents = async (
  log: Pick<Log, 'read'>,
  topic: string,
  { partition, end }: { readonly partition: number; readonly end: number },
  start: number,
  applied: ReadonlyMap<string, number>,
  hashed: KeyedHash,
  onRead: (records: number) => void,
): Promise<ReadonlyMap<StudentId, string>> => {
  const changed = new Map<StudentId, string>()
  const keys = new Map<StudentId, string | null>()
  const keyOf = (id: StudentId): string | null => {
    const known = keys.get(id)
    if (known !== undefined) return known
    if (keys.size >= MOST_REMEMBERED) keys.clear()
    const key = hashed(id)
    const answered = applied.has(shortKey(key)) ? key : null
    keys.set(id, answered)
    return answered
  }
  const first = Math.max(start, least(applied.values()))
  for await (const batch of scan(log, topic, partition, first, end)) {
    for (const record of batch.records)
      namesIn(record, (id) => {
        if (changed.has(id)) return
        const key = keyOf(id)
        if (key !== null && record.offset >= applied.get(shortKey(key))!) changed.set(id, key)
      })
    onRead(batch.next - batch.from)
  }
  return changed
}

const least = (numbers: Iterable<number>): number => {
  let found = Number.POSITIVE_INFINITY
  for (const number of numbers) found = Math.min(found, number)
  return found
}

/** Enough of a key to look students up by: many keys are held at once, and whoever is found is compared by the whole. */
export const shortKey = (key: string): string => key.slice(0, 16)
