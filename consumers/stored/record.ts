import type { StudentAnswers } from '../../projections/answers/view.ts'
import { archivedEntries, unpackedState } from './archive.ts'
import { startBytes } from './bytes-writer.ts'
import { entryReader, writeEntry } from './enrolment-entry.ts'

/**
 * The stored record of a student: a binary index, the finished answers, and the folded state behind them.
 *
 *   u8 format · u8 flags (1 = suspect) · u16 nothing · u32 enrolments · u32 state's offset · u32 archive's offset (0: none)
 *   · f64 last partition · f64 last offset (−1: none)
 *   u16 sources, each text
 *   per enrolment an entry (enrolment-entry.ts)
 *   state: UTF-8
 *   archive: enrolments of former years (archive.ts)
 *
 * All numbers are little endian. A hit reads the index and sends a slice: no JSON is parsed.
 */
const FORMAT = 3
const HEADER = 32

/**
 * @param state the student without what is in the archive, as `encodeLive` writes it
 * @param places of the view's enrolments among all; `null`: there is no archive
 */
export const encodeRecord = (
  view: StudentAnswers,
  state: string,
  places: readonly number[] | null = null,
  archive: Uint8Array | null = null,
): Buffer => {
  const out = startBytes()
  out.skip(HEADER)
  out.u16(view.sources.length)
  for (const source of view.sources) out.text(source)
  for (const [index, enrolment] of view.enrolments.entries()) writeEntry(out, enrolment, places?.[index] ?? index)
  const stateAt = out.length()
  out.utf8(state)
  const archiveAt = archive ? out.length() : 0
  if (archive) out.bytes(archive)
  const record = out.copy()
  record.writeUInt32LE(FORMAT + (view.suspect ? SUSPECT : 0), 0)
  record.writeUInt32LE(view.enrolments.length, 4)
  record.writeUInt32LE(stateAt, 8)
  record.writeUInt32LE(archiveAt, 12)
  record.writeDoubleLE(view.last?.partition ?? -1, 16)
  record.writeDoubleLE(view.last?.offset ?? -1, 24)
  return record
}

/** The flag, where the first four bytes are read as one number. */
const SUSPECT = 0x100

/** Bodies are slices of the record's own bytes. @throws RangeError on bytes that are no record of this format. */
export const decodeRecord = (bytes: Uint8Array): StudentAnswers<Buffer> => {
  const record = asBuffer(bytes)
  if (record.readUInt8(0) !== FORMAT) throw new RangeError(`a record of format ${record.readUInt8(0)}, not ${FORMAT}`)
  const { u16, text, entries } = entryReader(record, HEADER)
  const sources = Array.from({ length: u16() }, () => text()!)
  const live = entries(record.readUInt32LE(4))
  const archive = archiveOf(record)
  const all = archive ? [...live, ...archivedEntries(archive)].sort((a, b) => a.place - b.place) : live
  const partition = record.readDoubleLE(16)
  return {
    suspect: (record.readUInt8(1) & 1) === 1,
    last: partition < 0 ? null : { partition, offset: record.readDoubleLE(24) },
    sources,
    enrolments: all.map(({ view }) => view),
  }
}

/** The state without what is in the archive. */
export const liveStateOf = (bytes: Uint8Array): string => {
  const record = asBuffer(bytes)
  const archiveAt = record.readUInt32LE(12)
  return record.toString('utf8', record.readUInt32LE(8), archiveAt === 0 ? record.length : archiveAt)
}

export const archiveOf = (bytes: Uint8Array): Buffer | null => {
  const record = asBuffer(bytes)
  const archiveAt = record.readUInt32LE(12)
  return archiveAt === 0 ? null : record.subarray(archiveAt)
}

/** The whole folded state behind the answers, as `encodeState` wrote it. */
export const stateOf = (bytes: Uint8Array): string => {
  const archive = archiveOf(bytes)
  return archive ? `${liveStateOf(bytes)}\n${unpackedState(archive)}` : liveStateOf(bytes)
}

/** Whether two records say the same, however their archives are packed. */
export const sameRecord = (a: Uint8Array, b: Uint8Array): boolean => {
  if (Buffer.compare(a, b) === 0) return true
  const [one, other] = [asBuffer(a), asBuffer(b)]
  // Bytes that nobody here has written may be shorter than any record.
  if (Math.min(one.length, other.length) < HEADER) return false
  const [at, otherAt] = [one.readUInt32LE(12), other.readUInt32LE(12)]
  if (at === 0 || at !== otherAt || Buffer.compare(one.subarray(0, at), other.subarray(0, at)) !== 0) return false
  return unpackedState(one.subarray(at)) === unpackedState(other.subarray(at))
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
