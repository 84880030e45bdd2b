import type { Arrival, Broken, Folded, Outcome } from './arrival.ts'
import type { Calendar } from './calendar.ts'
import { effectOf, keyOf } from './enrolment.ts'
import type { Fact, Place, StudentEvent } from './event.ts'
import { closeLetters, letGoOf, openLetter, sawNumber, settleLetters } from './letters.ts'
import { resolve } from './resolve.ts'
import { see, unsee } from './seen.ts'
import { hasHeld, isHeld, isOpen, judge, missingNumbers, standsAlone } from './sequence.ts'
import { forget, settleBySnapshot } from './settle.ts'
import {
  type ForeignEvent,
  findEnrolment,
  type LetterReason,
  MAX_WAITING,
  type Student,
  sourceNumber,
  sourceOf,
  type Waiting,
  withSource,
} from './student.ts'

/**
 * The fold: one arrival after another becomes the state of a student. It is total (no arrival makes it throw), pure and
 * deterministic: a rebuild from the log's start comes to the same state, held and suspect students included.
 *
 * An arrival is judged first (sequence.ts): repeat, contradiction, too early, or its turn. At its turn it is accepted
 * and has its effect (enrolment.ts). Then whatever waited for that has its turn: orphans first, in order of arrival,
 * then the next held event, until nothing moves.
 */
export const fold = (student: Student, arrival: Arrival, calendar: Calendar): Folded => {
  const run = startRun(student, calendar)
  if (arrival.kind === 'event') receive(run, arrival.event, arrival.rerouted)
  else if (arrival.kind === 'broken') receiveBroken(run, arrival)
  else resolve(run, arrival, { receiveInPlace, receiveUnnumbered, advance, drain })
  const moved = run.noted.some((note) => note.outcome === 'applied')
  return {
    student: moved ? { ...run.student, last: arrival.place } : run.student,
    noted: run.noted,
    deadLetters: run.deadLetters,
  }
}

/** One arrival being worked through; lives only inside one call of `fold`. */
export type Run = {
  student: Student
  readonly calendar: Calendar
  readonly noted: { readonly place: Place; readonly type: string; readonly outcome: Outcome }[]
  readonly deadLetters: { readonly place: Place; readonly reason: LetterReason; readonly detail: string }[]
}

type Arrived = StudentEvent | ForeignEvent

const startRun = (student: Student, calendar: Calendar): Run => ({ student, calendar, noted: [], deadLetters: [] })

export const FOREIGN_TYPE = 'unknown'
const typeOf = (event: Arrived): string => event.fact?.type ?? FOREIGN_TYPE

const note = (run: Run, event: Arrived, outcome: Outcome): void => {
  run.noted.push({ place: event.place, type: typeOf(event), outcome })
}

const receive = (run: Run, event: Arrived, rerouted: boolean): void => {
  // A type that is not ours counts only for its number.
  if (event.fact === null && event.envelope.sequence === null) return note(run, event, 'ignored')
  let judgement = judge(run.student, event, rerouted)
  if (judgement.kind !== 'duplicate' && useCredit(run, event.envelope) && judgement.kind === 'hold')
    judgement = judge(run.student, event, rerouted)
  switch (judgement.kind) {
    case 'duplicate':
      return note(run, event, 'duplicate')
    case 'conflict':
      if (!isSilenced(run, event)) die(run, event, 'conflict', judgement.detail)
      return
    case 'hold':
      return hold(run, event)
    case 'apply':
      return applyNow(run, event)
  }
}

const applyNow = (run: Run, event: Arrived): void => {
  if (isOrphan(run.student, event) && overflows(run.student, event)) return overflow(run, event)
  if (takeTurn(run, event, 'arrived')) drain(run)
}

/** At its place in the sequence, judged to be neither repeat nor contradiction. */
const receiveInPlace = (run: Run, event: Arrived): void => {
  const { source, sequence } = event.envelope
  const state = sourceOf(run.student, source)
  if (sequence === state.applied + 1n || standsAlone(event) || isOpen(state)) applyNow(run, event)
  else hold(run, event)
}

/** After all that came later, as an event without a sequence. */
const receiveUnnumbered = (run: Run, event: Arrived): void => {
  if (event.fact === null) return note(run, event, 'ignored')
  applyNow(run, { ...event, envelope: { ...event.envelope, sequence: null } })
}

/** What could not be read, or is invalid: its student cannot be trusted until it is settled. */
const receiveBroken = (run: Run, broken: Broken): void => {
  const repeated = run.student.letters.some(
    (letter) => letter.identity !== null && letter.identity === broken.identity && letter.content === broken.content,
  )
  const noteBroken = (outcome: Outcome): void => {
    run.noted.push({ place: broken.place, type: broken.type, outcome })
  }
  if (repeated && broken.content !== null) return noteBroken('duplicate')
  const number = broken.sequence === 'unreadable' ? null : broken.sequence
  useCredit(run, { source: broken.source, sequence: number })
  if (ignoredAfterErasure(run, broken.source, number)) return noteBroken('ignored')
  noteBroken('poison')
  run.deadLetters.push({ place: broken.place, reason: 'poison', detail: broken.detail })
  run.student = openLetter(run.student, { ...letterOf(broken), reason: 'poison' })
}

const letterOf = ({ place, source, identity, content, sequence }: Broken) => ({
  place,
  source,
  identity,
  content,
  sequence,
})

const die = (run: Run, event: Arrived, reason: LetterReason, detail: string): void => {
  const { source, identity, content, sequence } = event.envelope
  note(run, event, reason === 'conflict' ? 'conflict' : 'poison')
  run.deadLetters.push({ place: event.place, reason, detail })
  run.student = openLetter(run.student, { place: event.place, reason, source, identity, content, sequence })
}

/** What would die is ignored after an erasure; but one that enrols is none of the "other" events that it silences. */
const isSilenced = (run: Run, event: Arrived): boolean => {
  if (event.fact && enrols(event.fact)) return false
  if (!ignoredAfterErasure(run, event.envelope.source, event.envelope.sequence)) return false
  note(run, event, 'ignored')
  return true
}

/**
 * After an erasure nothing counts until the student is enrolled anew, broken things neither. A number behind others that
 * are still to come is passed in its place, unless one of those enrols the student: then it is missing.
 */
const ignoredAfterErasure = (run: Run, source: string | null, number: bigint | null): boolean => {
  if (!run.student.erased) return false
  if (source === null || number === null) return true
  run.student = sawNumber(run.student, source, number)
  const state = sourceOf(run.student, source)
  if (number <= state.applied) return true
  // After a snapshot without a number it is the first one that counts, ignored or not.
  const first = isOpen(state) ? { applied: number - 1n, opened: { ...state.opened!, first: number } } : {}
  run.student = withSource(run.student, source, {
    ...state,
    ...first,
    silenced: [...state.silenced, number].slice(-MAX_SILENCED),
  })
  advance(run, source)
  drain(run)
  return true
}

/** How many of a source's silenced numbers are remembered. */
const MAX_SILENCED = 256

const overflows = (student: Student, event: Arrived): boolean => {
  if (student.waiting.length < MAX_WAITING) return false
  const { source, sequence } = event.envelope
  const awaited = sequence === sourceOf(student, source).applied + 1n && hasHeld(student, source)
  return !awaited
}

const isOrphan = (student: Student, event: Arrived): boolean => {
  const { fact } = event
  if (fact === null || student.erased || fact.type === 'erp.student.enrolled.v1') return false
  if (fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1') return false
  return findEnrolment(student.enrolments, keyOf(fact.data.student)) === undefined
}

const enrols = (fact: Fact): boolean =>
  fact.type === 'erp.student.enrolled.v1' ||
  (fact.type === 'erp.student.snapshot.v1' && fact.data.enrolments.length > 0)

/**
 * Settled letters without a readable number let go of what the source's next number finds missing; what it does not find
 * missing will never be asked for. Answers whether the sequence has moved.
 */
const useCredit = (run: Run, { source, sequence }: { source: string | null; sequence: bigint | null }): boolean => {
  if (source === null || sequence === null) return false
  const state = sourceOf(run.student, source)
  if (state.credit === 0 || sequence <= state.applied) return false
  const spent = withSource(run.student, source, { ...state, credit: 0 })
  const missing = isOpen(state) ? [] : missingNumbers(spent, source, sequence - 1n, state.credit)
  run.student = missing.reduce((soFar, number) => letGoOf(soFar, source, number), spent)
  if (missing.length === 0) return false
  advance(run, source)
  drain(run)
  return true
}

const overflow = (run: Run, event: Arrived): void => {
  if (!isSilenced(run, event)) die(run, event, 'overflow', 'too_many_waiting')
}

const hold = (run: Run, event: Arrived): void => {
  if (overflows(run.student, event)) return overflow(run, event)
  remember(run, event)
  run.student = { ...run.student, waiting: [...run.student.waiting, { kind: 'held', event }] }
  note(run, event, 'held')
}

/** The event is accepted: its id is known from now on, and poison that it says again is closed. */
const remember = (run: Run, event: Arrived): void => {
  const { source, sequence } = event.envelope
  const known = withSource(run.student, source, sourceOf(run.student, source))
  const seen = see(known.seen, event.envelope, sourceNumber(known, source), sequence)
  run.student = closeLetters({ ...known, seen }, event.envelope)
  if (sequence === null) return
  run.student = sawNumber(run.student, source, sequence)
}

/** It turned out to be poison when its time came: its publisher may say it again under the same id. */
const forgetSeen = (run: Run, event: Arrived): void => {
  run.student = { ...run.student, seen: unsee(run.student.seen, event.envelope) }
}

/** Its number has had its turn, be it that its effect still waits. */
const markTurn = (run: Run, event: Arrived): void => {
  const { source, sequence, time } = event.envelope
  const state = sourceOf(run.student, source)
  run.student = withSource(run.student, source, {
    ...state,
    applied: sequence !== null && sequence > state.applied ? sequence : state.applied,
    lastTime: time,
  })
}

/** It has had its effect: what was published before it and comes by another partition has been overtaken. */
const markApplied = (run: Run, { envelope, timestampMs }: Arrived): void => {
  const state = sourceOf(run.student, envelope.source)
  const lastTimestampMs = Math.max(state.lastTimestampMs, timestampMs)
  run.student = withSource(run.student, envelope.source, { ...state, lastTimestampMs })
}

/** Numbers that will never apply are passed: let-go ones, and after an erasure dead ones. */
const advance = (run: Run, source: string): void => {
  for (;;) {
    const state = sourceOf(run.student, source)
    const next = state.applied + 1n
    const isDead = (letter: { source: string | null; sequence: unknown; settled: boolean }): boolean =>
      !letter.settled && letter.source === source && letter.sequence === next
    const silent = run.student.erased && (state.silenced.includes(next) || run.student.letters.some(isDead))
    if (isHeld(run.student, source, next) || !(silent || state.letGo.includes(next))) return
    const settled = silent ? settleLetters(run.student, isDead) : run.student
    run.student = withSource(settled, source, { ...state, applied: next })
  }
}

/**
 * The event's turn. `from` says whether it is just accepted or was so before. An event that contradicts the facts gets
 * no turn: it dies, keeps its place, and later events of its source wait for it; then the answer is false.
 */
const takeTurn = (run: Run, event: Arrived, from: 'arrived' | 'held' | 'orphan'): boolean => {
  const accept = (): void => {
    if (from === 'arrived') remember(run, event)
    if (from !== 'orphan') markTurn(run, event)
  }
  const { fact, envelope } = event
  if (fact === null || (run.student.erased && !enrols(fact) && fact.type !== 'erp.student.erased.v1')) {
    if (fact?.type === 'erp.student.snapshot.v1') run.student = settleBySnapshot(run.student, envelope, [])
    accept()
    markApplied(run, event)
    advance(run, envelope.source)
    note(run, event, 'ignored')
    return true
  }
  if (fact.type === 'erp.student.erased.v1') {
    run.student = forget(run.student, envelope)
    accept()
    markApplied(run, event)
    advance(run, envelope.source)
    note(run, event, 'applied')
    return true
  }
  const effect = effectOf(run.student, fact, { source: envelope.source, time: envelope.time, calendar: run.calendar })
  if (effect.kind === 'poison') {
    if (from !== 'arrived') forgetSeen(run, event)
    die(run, event, 'poison', effect.detail)
    return false
  }
  if (fact.type === 'erp.student.snapshot.v1')
    run.student = settleBySnapshot(run.student, envelope, fact.data.enrolments.map(keyOf))
  accept()
  if (effect.kind === 'orphan') {
    run.student = { ...run.student, waiting: [...run.student.waiting, { kind: 'orphan', event }] }
    advance(run, envelope.source)
    note(run, event, 'orphan')
    return true
  }
  markApplied(run, event)
  if (effect.kind === 'changed') {
    const { enrolments, leavings } = effect.student
    run.student = { ...run.student, enrolments, leavings, erased: run.student.erased && !enrols(fact) }
  }
  // Only now: what an erasure silences is passed no more once the student is enrolled anew.
  advance(run, envelope.source)
  note(run, event, effect.kind === 'changed' ? 'applied' : 'ignored')
  return true
}

/** Whatever can have its turn now has it. Every round takes one item out of the waiting ones, so it ends. */
export const drain = (run: Run): void => {
  for (;;) {
    const ready = nextReady(run.student)
    if (!ready) return
    run.student = { ...run.student, waiting: run.student.waiting.filter((item) => item !== ready) }
    takeTurn(run, ready.event, ready.kind)
  }
}

const nextReady = (student: Student): Waiting | undefined =>
  student.waiting.find((item) => item.kind === 'orphan' && !isOrphan(student, item.event)) ??
  student.waiting.find(
    ({ kind, event }) =>
      kind === 'held' && event.envelope.sequence === sourceOf(student, event.envelope.source).applied + 1n,
  )
