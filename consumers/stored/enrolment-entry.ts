import { ALWAYS_VALID, type EnrolmentView, type Phase } from '../../projections/answers/view.ts'
import { WANTS } from '../../projections/fees/balance.ts'
import { packMoment, unpackMoment } from '../../projections/values/moment.ts'
import { type BytesWriter, NO_TEXT } from './bytes-writer.ts'

/**
 * An enrolment in a record's index:
 *
 *   u32 place among the student's enrolments · text grade, year start, year end
 *   · maybe-text collector code, custom identifier · u8 flags (1 = valid for a time, 2 = leaves later) · phase now
 *   · f64 valid from, f64 valid until, if valid for a time · f64 later from, phase then, if it leaves later
 *   phase: u8 (status + 4 × wants + 32 where it has a body) · text left at, packed, and u32 left order, if it has left
 *          · u32 length and body, if it has one
 *   text: u16 length in bytes · UTF-8. maybe-text: the same with length 65535 for none.
 */
const STATUS = ['active', 'discontinued', 'transferred'] as const
const WANTING = [null, ...WANTS, 'rendered'] as const
const HAS_BODY = 32
const FOR_A_TIME = 1
const LEAVES_LATER = 2

export const writeEntry = (out: BytesWriter, view: EnrolmentView, place: number): void => {
  const { now, later, valid } = view
  out.u32(place)
  out.text(view.grade)
  out.text(view.yearStart)
  out.text(view.yearEnd)
  out.text(view.collectorCode)
  out.text(view.customIdentifier)
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

const writePhase = (out: BytesWriter, { status, leftAt, leftOrder, body, wants }: Phase): void => {
  out.u8(STATUS.indexOf(status) + 4 * WANTING.indexOf(wants) + (body === null ? 0 : HAS_BODY))
  if (leftAt !== null) {
    out.text(packMoment(leftAt))
    out.u32(leftOrder)
  }
  if (body !== null) out.sized32(body)
}

export type EnrolmentEntry = { readonly place: number; readonly view: EnrolmentView<Buffer> }

/** Reads texts and so many entries from a place on. Bodies are slices of the bytes. */
export const entryReader = (record: Buffer, from: number) => {
  let at = from
  const u16 = (): number => {
    at += 2
    return record.readUInt16LE(at - 2)
  }
  const u32 = (): number => {
    at += 4
    return record.readUInt32LE(at - 4)
  }
  const f64 = (): number => {
    at += 8
    return record.readDoubleLE(at - 8)
  }
  const text = (): string | null => {
    const length = u16()
    if (length === NO_TEXT) return null
    at += length
    return record.toString('utf8', at - length, at)
  }
  const body = (length: number): Buffer => {
    at += length
    return record.subarray(at - length, at)
  }
  const phase = (): Phase<Buffer> => {
    const head = record.readUInt8(at)
    at += 1
    const status = STATUS[head & 3]!
    const wants = WANTING[(head & (HAS_BODY - 1)) >> 2]!
    const hasLeft = status !== 'active'
    const leftAt = hasLeft ? unpackMoment(text()!) : null
    const leftOrder = hasLeft ? u32() : 0
    return { status, leftAt, leftOrder, body: (head & HAS_BODY) === 0 ? null : body(u32()), wants }
  }
  const entry = (): EnrolmentEntry => {
    const place = u32()
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
    return { place, view: { grade, yearStart, yearEnd, collectorCode, customIdentifier, now, valid, later } }
  }
  const entries = (count: number): readonly EnrolmentEntry[] => Array.from({ length: count }, entry)
  return { u16, u32, text, entries }
}
