import type { IsoDate } from '../projections/ids.ts'
import type { EnrolmentView, Phase, StudentAnswers } from '../projections/view.ts'

/**
 * The stored record of a student: a binary index, the finished answers, and the folded state behind them.
 *
 *   u8 format · u8 flags (1 = suspect) · u16 enrolments · u32 state's offset · f64 last partition · f64 last offset (−1: none)
 *   u16 sources, each text
 *   per enrolment: text grade, year start, year end · maybe-text collector code, custom identifier · phase now
 *                  · f64 later from (NaN: never) · phase then, if later
 *   phase: u8 status · text left on · u32 left order · u32 body's length (0: none) · body
 *   state: UTF-8 to the end
 *   text: u16 length in bytes · UTF-8. maybe-text: the same with length 65535 for none.
 *
 * All numbers are little endian. A hit reads the index and sends a slice: no JSON is parsed.
 */
const FORMAT = 1
const NONE = 0xffff
const HEADER = 24
const STATUS = ['active', 'discontinued', 'transferred'] as const

export const encodeRecord = (view: StudentAnswers, state: string): Buffer => {
  const parts: Buffer[] = []
  const u16 = (value: number): void => {
    const buffer = Buffer.allocUnsafe(2)
    buffer.writeUInt16LE(value)
    parts.push(buffer)
  }
  const text = (value: string | null): void => {
    if (value === null) return u16(NONE)
    const bytes = Buffer.from(value)
    u16(bytes.length)
    parts.push(bytes)
  }
  const phase = (value: Phase): void => {
    const head = Buffer.from([STATUS.indexOf(value.status)])
    parts.push(head)
    text(value.leftOn ?? '')
    const body = value.body === null ? Buffer.alloc(0) : Buffer.from(value.body)
    const numbers = Buffer.allocUnsafe(8)
    numbers.writeUInt32LE(value.leftOrder)
    numbers.writeUInt32LE(body.length, 4)
    parts.push(numbers, body)
  }
  u16(view.sources.length)
  view.sources.forEach(text)
  for (const enrolment of view.enrolments) {
    text(enrolment.grade)
    text(enrolment.yearStart)
    text(enrolment.yearEnd)
    text(enrolment.collectorCode)
    text(enrolment.customIdentifier)
    phase(enrolment.now)
    const from = Buffer.allocUnsafe(8)
    from.writeDoubleLE(enrolment.later?.fromMs ?? Number.NaN)
    parts.push(from)
    if (enrolment.later) phase(enrolment.later.phase)
  }
  const index = Buffer.concat(parts)
  const header = Buffer.allocUnsafe(HEADER)
  header.writeUInt8(FORMAT, 0)
  header.writeUInt8(view.suspect ? 1 : 0, 1)
  header.writeUInt16LE(view.enrolments.length, 2)
  header.writeUInt32LE(HEADER + index.length, 4)
  header.writeDoubleLE(view.last?.partition ?? -1, 8)
  header.writeDoubleLE(view.last?.offset ?? -1, 16)
  return Buffer.concat([header, index, Buffer.from(state)])
}

/** Bodies are slices of the record's own bytes. @throws RangeError on bytes that are no record of this format. */
export const decodeRecord = (bytes: Uint8Array): StudentAnswers<Buffer> => {
  const record = asBuffer(bytes)
  if (record.readUInt8(0) !== FORMAT) throw new RangeError(`a record of format ${record.readUInt8(0)}, not ${FORMAT}`)
  let at = HEADER
  const u16 = (): number => {
    at += 2
    return record.readUInt16LE(at - 2)
  }
  const text = (): string | null => {
    const length = u16()
    if (length === NONE) return null
    at += length
    return record.toString('utf8', at - length, at)
  }
  const phase = (): Phase<Buffer> => {
    const status = STATUS[record.readUInt8(at)]!
    at += 1
    const leftOn = (text() || null) as IsoDate | null
    const leftOrder = record.readUInt32LE(at)
    const length = record.readUInt32LE(at + 4)
    at += 8 + length
    return { status, leftOn, leftOrder, body: length === 0 ? null : record.subarray(at - length, at) }
  }
  const enrolment = (): EnrolmentView<Buffer> => {
    const grade = text()!
    const yearStart = text()!
    const yearEnd = text()!
    const collectorCode = text()
    const customIdentifier = text()
    const now = phase()
    const fromMs = record.readDoubleLE(at)
    at += 8
    const later = Number.isNaN(fromMs) ? null : { fromMs, phase: phase() }
    return { grade, yearStart, yearEnd, collectorCode, customIdentifier, now, later }
  }
  const sources = Array.from({ length: u16() }, () => text()!)
  const partition = record.readDoubleLE(8)
  return {
    suspect: (record.readUInt8(1) & 1) === 1,
    last: partition < 0 ? null : { partition, offset: record.readDoubleLE(16) },
    sources,
    enrolments: Array.from({ length: record.readUInt16LE(2) }, enrolment),
  }
}

/** The folded state behind the answers, as `encodeState` wrote it. */
export const stateOf = (bytes: Uint8Array): string => {
  const record = asBuffer(bytes)
  return record.toString('utf8', record.readUInt32LE(4))
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
