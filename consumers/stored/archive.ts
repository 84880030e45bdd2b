import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { restingViews } from '../../projections/answers/view.ts'
import type { Resting } from '../../projections/state/live-student.ts'
import { decodeResting, encodeResting } from '../../projections/state/state.ts'
import type { Calendar } from '../../projections/values/calendar.ts'
import { startBytes } from './bytes-writer.ts'
import { type EnrolmentEntry, entryReader, writeEntry } from './enrolment-entry.ts'

/**
 * The enrolments of former years that nothing has touched lately, at the end of a record:
 *
 *   u32 enrolments · u32 index's length · index, an entry each without a body · packed state, raw deflate of JSON
 *
 * An event that touches none of them copies these bytes as they are. Another machine's zlib may pack the same state into
 * other bytes: `sameRecord` compares what is packed.
 */
export const packArchive = (resting: Resting, places: readonly number[], calendar: Calendar): Buffer => {
  const out = startBytes()
  out.u32(resting.enrolments.length)
  out.skip(4)
  const from = out.length()
  for (const [index, view] of restingViews(resting.enrolments, calendar).entries())
    writeEntry(out, view, places[index]!)
  const indexLength = out.length() - from
  out.bytes(deflateRawSync(encodeResting(resting)))
  const archive = out.copy()
  archive.writeUInt32LE(indexLength, 4)
  return archive
}

const INDEX_AT = 8

export const archivedEntries = (archive: Buffer): readonly EnrolmentEntry[] =>
  entryReader(archive, INDEX_AT).entries(archive.readUInt32LE(0))

export const unpackedState = (archive: Buffer): string =>
  inflateRawSync(archive.subarray(INDEX_AT + archive.readUInt32LE(4))).toString('utf8')

export const unpackArchive = (archive: Buffer): Resting => decodeResting(unpackedState(archive))
