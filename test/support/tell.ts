import { decode } from '../../consumers/events/decode.ts'
import type { LogRecord } from '../../consumers/ports/log.ts'
import { foldStudent } from '../../consumers/projector/fold-student.ts'
import { answerAt } from '../../consumers/stored/answer-at.ts'
import { decodeRecord, stateOf } from '../../consumers/stored/record.ts'
import type { EnrolmentView, Rendering, StudentAnswers } from '../../projections/answers/view.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import type { DeadLetter } from '../../projections/sequence/incoming-record.ts'
import { isSuspect } from '../../projections/sequence/suspect-reasons.ts'
import { decodeState } from '../../projections/state/state.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { Said } from '../golden/example.ts'
import { bare } from './events.ts'

/** One student's log, told entry after entry through the product's own decoding, folding and stored bytes. */

/** An entry is what an ERP says, or a record as it stands. `moved`: rerouted here from another partition. */
export type Entry = Said | LogRecord | { readonly moved: Said | LogRecord }

export const POLICY: Policy = { balance_basis: 'net_of_direct', paid_instalments: 'zero' }
export const ZONE = 'Asia/Kolkata'
export const CALENDAR = calendarOf(ZONE)
export const RENDERING: Rendering = { policy: POLICY, calendar: CALENDAR }
export const NOON = Date.parse('2026-06-15T12:00:00+05:30')

export type Told = {
  readonly state: Student
  readonly answers: StudentAnswers<Buffer>
  readonly suspect: boolean
  /** What each entry led to, in order; outcomes of one entry joined by `+`. */
  readonly outcomes: readonly string[]
  readonly letters: readonly DeadLetter[]
  readonly bytes: Buffer | null
  readonly identifier: StudentId
  readonly rendering: Rendering
}

/** Records get timestamps in their order, after every time that an entry tells. */
const AFTER_ALL = Date.parse('2040-01-01T00:00:00Z')

/** Entries get offsets and ids by their place, and times a minute apart from 09:00 on. */
export const recordsOf = (entries: readonly Entry[], first = 0): { record: LogRecord; rerouted: boolean }[] =>
  entries.map((entry, index) => {
    const offset = first + index
    const rerouted = 'moved' in entry
    const said = rerouted ? entry.moved : entry
    if ('headers' in said) return { record: { ...said, offset }, rerouted }
    const time = new Date(Date.parse('2026-06-01T03:30:00Z') + offset * 60_000).toISOString()
    return { record: bare({ id: `e${offset}`, time, ...said }, { offset, timestampMs: AFTER_ALL + offset }), rerouted }
  })

/** @param from the stored bytes to go on from, and how many entries made them */
export const tellOn = (
  from: { readonly bytes: Buffer | null; readonly count: number },
  entries: readonly Entry[],
  rendering: Rendering = RENDERING,
): Told => {
  let { bytes } = from
  let identifier = asStudentId('S-1')
  const outcomes: string[] = []
  const letters: DeadLetter[] = []
  for (const { record, rerouted } of recordsOf(entries, from.count)) {
    const decoded = decode(record)
    if (decoded.kind !== 'student') {
      outcomes.push(decoded.kind)
      continue
    }
    const share = { identifier: decoded.identifier, items: [{ content: decoded.content, rerouted }] }
    const folded = foldStudent(share, bytes, rendering)
    bytes = folded.record
    identifier = decoded.identifier
    outcomes.push(folded.outcomes.map(({ outcome }) => outcome).join('+'))
    letters.push(...folded.deadLetters)
  }
  if (bytes === null) return { ...NOTHING, identifier, rendering, outcomes }
  const state = decodeState(stateOf(bytes))
  return {
    state,
    answers: decodeRecord(bytes),
    suspect: isSuspect(state),
    outcomes,
    letters,
    bytes,
    identifier,
    rendering,
  }
}

/** The same in one batch, as a projector folds a backlog: for thousands of entries. */
export const tellBatch = (
  from: { readonly bytes: Buffer | null; readonly count: number },
  entries: readonly Entry[],
): Pick<Told, 'state' | 'letters' | 'outcomes'> & { readonly bytes: Buffer } => {
  const items = recordsOf(entries, from.count).flatMap(({ record, rerouted }) => {
    const decoded = decode(record)
    return decoded.kind === 'student' ? [{ content: decoded.content, rerouted }] : []
  })
  const folded = foldStudent({ identifier: asStudentId('S-1'), items }, from.bytes, RENDERING)
  const outcomes = folded.outcomes.map(({ outcome }) => outcome)
  return { state: decodeState(stateOf(folded.record)), letters: folded.deadLetters, outcomes, bytes: folded.record }
}

export const tell = (...entries: readonly Entry[]): Told => tellOn({ bytes: null, count: 0 }, entries)

/** The same under another policy. */
export const tellAs = (policy: Partial<Policy>, ...entries: readonly Entry[]): Told =>
  tellOn({ bytes: null, count: 0 }, entries, { ...RENDERING, policy: { ...POLICY, ...policy } })

const NOTHING = {
  state: UNKNOWN_STUDENT,
  answers: { suspect: false, enrolments: [], last: null, sources: [] },
  suspect: false,
  letters: [],
  bytes: null,
} as const

/** The answer's body of one enrolment, parsed; `null` where it is incoherent. */
export const bodyOf = (told: Told, index = 0, nowMs = NOON): SuccessBody | null => {
  const view = told.answers.enrolments[index]! as EnrolmentView<Buffer>
  const { body } = answerAt(told.bytes!, told.identifier, view, told.rendering, nowMs)
  return body && (JSON.parse(body.toString()) as SuccessBody)
}

type Due = { readonly component_type: string; readonly amount: number }
export type SuccessBody = {
  readonly status: string
  readonly code?: string
  readonly message?: string
  readonly data: {
    readonly student: Readonly<Record<string, unknown>>
    readonly fee_components: readonly { readonly component_type: string; readonly fee_amount: number }[]
    readonly payment_schedule?: readonly { readonly due_date: string; readonly details: readonly Due[] }[]
  }
}

/** What each component owes, `incoherent`, or the code of a refusal. */
export const feesOf = (told: Told, index = 0, nowMs = NOON): unknown => {
  const body = bodyOf(told, index, nowMs)
  if (body === null) return 'incoherent'
  if (body.status !== 'success') return body.code
  return Object.fromEntries(body.data.fee_components.map((fee) => [fee.component_type, fee.fee_amount]))
}

/** What each detail of the schedule owes, entry by entry. */
export const planOf = (told: Told): unknown =>
  bodyOf(told)?.data.payment_schedule?.map(({ due_date, details }) => [
    due_date,
    ...details.map(({ component_type, amount }) => [component_type, amount]),
  ])

export const asStudentId = (text: string): StudentId => text as StudentId
