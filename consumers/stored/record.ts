import { ALWAYS_VALID, type EnrolmentView, type Phase, type StudentAnswers } from '../../projections/answers/view.ts'
import { WANTS } from '../../projections/fees/balance.ts'
import type { Instant } from '../../projections/values/ids.ts'

/**
 * The stored record of a student: a binary index, the finished answers, and the folded state behind them.
 *
 *   u8 format · u8 flags (1 = suspect) · u16 enrolments · u32 state's offset · f64 last partition · f64 last offset (−1: none)
 *   u16 sources, each text
 *   per enrolment: text grade, year start, year end · maybe-text collector code, custom identifier
 *                  · u8 flags (1 = valid for a time, 2 = leaves later) · phase now
 *                  · f64 valid from, f64 valid until, if valid for a time · f64 later from, phase then, if it leaves later
 *   phase: u8 status · u8 wants · text left at · u32 left order · u32 body's length (0: none) · body
 *   state: UTF-8 to the end
 *   text: u16 length in bytes · UTF-8. maybe-text: the same with length 65535 for none.
 *
 * All numbers are little endian. A hit reads the index and sends a slice: no JSON is parsed.
 */
const FORMAT = 2
const NONE = 0xffff
const HEADER = 24
const STATUS = ['active', 'discontinued', 'transferred'] as const
const WANTING = [null, ...WANTS, 'rendered'] as const
const FOR_A_TIME = 1
const LEAVES_LATER = 2

export const encodeRecord = (view: StudentAnswers, state: string): Buffer => {
  const out = startBytes()
  out.skip(HEADER)
  out.u16(view.sources.length)
  for (const source of view.sources) out.text(source)
  for (const enrolment of view.enrolments) {
    out.text(enrolment.grade)
    out.text(enrolment.yearStart)
    out.text(enrolment.yearEnd)
    out.text(enrolment.collectorCode)
    out.text(enrolment.customIdentifier)
    const { now, later, valid } = enrolment
    const isForATime = Number.isFinite(valid.fromMs) || Number.isFinite(valid.untilMs)
    out.u8((isForATime ? FOR_A_TIME : 0) | (later ? LEAVES_LATER : 0))
    writePhase(out, now)
    if (isForATime) {
      out.f64(valid.fromMs)
      out.f64(valid.untilMs)
    }
    if (later) {
      out.f64(later.fromMs)
      writePhase(out, later.phase)
    }
  }
  const stateAt = out.length()
  out.utf8(state)
  const record = out.copy()
  record.writeUInt8(FORMAT, 0)
  record.writeUInt8(view.suspect ? 1 : 0, 1)
  record.writeUInt16LE(view.enrolments.length, 2)
  record.writeUInt32LE(stateAt, 4)
  record.writeDoubleLE(view.last?.partition ?? -1, 8)
  record.writeDoubleLE(view.last?.offset ?? -1, 16)
  return record
}

const writePhase = (out: Bytes, { status, leftAt, leftOrder, body, wants }: Phase): void => {
  out.u8(STATUS.indexOf(status))
  out.u8(WANTING.indexOf(wants))
  out.text(leftAt ?? '')
  out.u32(leftOrder)
  out.sized32(body ?? '')
}

type Bytes = {
  readonly skip: (count: number) => void
  readonly u8: (value: number) => void
  readonly u16: (value: number) => void
  readonly u32: (value: number) => void
  readonly f64: (value: number) => void
  /** With its length before it, `NONE` for `null`. */
  readonly text: (value: string | null) => void
  readonly sized32: (value: string) => void
  readonly utf8: (value: string) => void
  readonly length: () => number
  readonly copy: () => Buffer
}

/** One scratch buffer that grows: pieces put together by `Buffer.concat` took twice the time. */
let scratch = Buffer.allocUnsafeSlow(16 * 1024)

const startBytes = (): Bytes => {
  let at = 0
  const room = (count: number): number => {
    const from = at
    at += count
    if (at > scratch.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(at, scratch.length * 2))
      scratch.copy(larger, 0, 0, from)
      scratch = larger
    }
    return from
  }
  /** A code unit is at most three bytes. */
  const utf8 = (value: string): number => {
    const from = room(value.length * 3)
    const written = scratch.write(value, from, 'utf8')
    at = from + written
    return written
  }
  const u16 = (value: number): void => {
    const from = room(2)
    scratch.writeUInt16LE(value, from)
  }
  const u32 = (value: number): void => {
    const from = room(4)
    scratch.writeUInt32LE(value, from)
  }
  return {
    skip: room,
    u8: (value) => {
      const from = room(1)
      scratch.writeUInt8(value, from)
    },
    u16,
    u32,
    f64: (value) => {
      const from = room(8)
      scratch.writeDoubleLE(value, from)
    },
    text: (value) => {
      if (value === null) return u16(NONE)
      const from = room(2)
      const length = utf8(value)
      scratch.writeUInt16LE(length, from)
    },
    sized32: (value) => {
      const from = room(4)
      const length = utf8(value)
      scratch.writeUInt32LE(length, from)
    },
    utf8,
    length: () => at,
    copy: () => Buffer.from(scratch.subarray(0, at)),
  }
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
  const f64 = (): number => {
    at += 8
    return record.readDoubleLE(at - 8)
  }
  const text = (): string | null => {
    const length = u16()
    if (length === NONE) return null
    at += length
    return record.toString('utf8', at - length, at)
  }
  const phase = (): Phase<Buffer> => {
    const status = STATUS[record.readUInt8(at)]!
    const wants = WANTING[record.readUInt8(at + 1)]!
    at += 2
    const leftAt = (text() || null) as Instant | null
    const leftOrder = record.readUInt32LE(at)
    const length = record.readUInt32LE(at + 4)
    at += 8 + length
    return { status, leftAt, leftOrder, body: length === 0 ? null : record.subarray(at - length, at), wants }
  }
  const enrolment = (): EnrolmentView<Buffer> => {
    const grade = text()!
    const yearStart = text()!
    const yearEnd = text()!
    const collectorCode = text()
    const customIdentifier = text()
    const flags = record.readUInt8(at)
    at += 1
    const now = phase()
    const valid = (flags & FOR_A_TIME) === 0 ? ALWAYS_VALID : { fromMs: f64(), untilMs: f64() }
    const later = (flags & LEAVES_LATER) === 0 ? null : { fromMs: f64(), phase: phase() }
    return { grade, yearStart, yearEnd, collectorCode, customIdentifier, now, valid, later }
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
