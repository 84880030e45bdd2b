import { effectOf, keyOf } from '../fees/enrolment.ts'
import { see, unsee } from '../state/seen.ts'
import { type Arrived, type LetterReason, type Student, sourceNumber, sourceOf, withSource } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import type { Broken, Folded, IncomingRecord, Outcome } from './incoming-record.ts'
import { closeLetters, openLetter, sawNumber } from './letters.ts'
import { resolve } from './resolve.ts'
import { note, type Run, startRun } from './run.ts'
import { isOpen, judge, standsAlone } from './sequence.ts'
import { forget, settleBySnapshot } from './settle.ts'
import { advanced, enrols, silencedBy, withCreditSpent } from './skipped.ts'
import { isOrphan, nextReady, overflows } from './waiting.ts'

/**
 * The fold: one arrival after another becomes the state of a student. It is total (no arrival makes it throw), pure and
 * deterministic: a rebuild from the log's start comes to the same state, held and suspect students included.
 *
 * An arrival is judged first (sequence.ts): repeat, contradiction, too early, or its turn. At its turn it is accepted
 * and has its effect (enrolment.ts). Then whatever waited for that has its turn: orphans first, in order of arrival,
 * then the next held event, until nothing moves.
 */
export const fold = (student: Student, arrival: IncomingRecord, calendar: Calendar): Folded => {
  const run = startRun(student, calendar)
  if (arrival.kind === 'event') receive(run, arrival.event, arrival.rerouted)
  else if (arrival.kind === 'broken') receiveBroken(run, arrival)
  else resolve(run, arrival, { receiveInPlace, receiveUnnumbered, drain })
  const moved = run.noted.some((note) => note.outcome === 'applied')
  return {
    student: moved ? { ...run.student, last: arrival.place } : run.student,
    noted: run.noted,
    deadLetters: run.deadLetters,
  }
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
  if (silence(run, broken.source, number)) return noteBroken('ignored')
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

/** After an erasure it is ignored; what waited for its number may have its turn. */
const silence = (run: Run, source: string | null, number: bigint | null): boolean => {
  const silenced = silencedBy(run.student, source, number)
  if (silenced === null) return false
  run.student = silenced
  drain(run)
  return true
}

/** What a settled letter's number was may show now; answers whether the sequence has moved. */
const useCredit = (run: Run, { source, sequence }: Pick<Broken, 'source'> & { sequence: bigint | null }): boolean => {
  const moved = source === null || sequence === null ? null : withCreditSpent(run.student, source, sequence)
  if (moved === null) return false
  run.student = moved
  drain(run)
  return true
}

/** What would die is ignored after an erasure; but one that enrols is none of the "other" events that it silences. */
const isSilenced = (run: Run, event: Arrived): boolean => {
  if (event.fact && enrols(event.fact)) return false
  if (!silence(run, event.envelope.source, event.envelope.sequence)) return false
  note(run, event, 'ignored')
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
  const isNew = !run.student.sources.has(source)
  const known = isNew ? withSource(run.student, source, sourceOf(run.student, source)) : run.student
  const seen = see(known.seen, event.envelope, sourceNumber(known, source), sequence)
  run.student = closeLetters({ ...known, seen }, event.envelope)
  if (sequence === null) return
  run.student = sawNumber(run.student, source, sequence)
}

/** It turned out to be poison when its time came: its publisher may say it again under the same id. */
const forgetSeen = (run: Run, event: Arrived): void => {
  run.student = { ...run.student, seen: unsee(run.student.seen, event.envelope) }
}

/**
 * @param turn its number has its turn
 * @param effect it has its effect: what was published before it and comes by another partition has been overtaken
 */
const mark = (run: Run, { envelope, timestampMs }: Arrived, turn: boolean, effect: boolean): void => {
  const { source, sequence, time } = envelope
  const state = sourceOf(run.student, source)
  run.student = withSource(run.student, source, {
    ...state,
    applied: turn && sequence !== null && sequence > state.applied ? sequence : state.applied,
    lastTime: turn ? time : state.lastTime,
    lastTimestampMs: effect ? Math.max(state.lastTimestampMs, timestampMs) : state.lastTimestampMs,
  })
}

/**
 * The event's turn. `from` says whether it is just accepted or was so before. An event that contradicts the facts gets
 * no turn: it dies, keeps its place, and later events of its source wait for it; then the answer is false.
 */
const takeTurn = (run: Run, event: Arrived, from: 'arrived' | 'held' | 'orphan'): boolean => {
  const accept = (hasEffect: boolean): void => {
    if (from === 'arrived') remember(run, event)
    mark(run, event, from !== 'orphan', hasEffect)
  }
  const { fact, envelope } = event
  /** Poison that this event says again is no other number of its source, which a snapshot or an erasure would let go. */
  const saidAgain = (): Student => closeLetters(run.student, envelope)
  if (fact === null || (run.student.erased && !enrols(fact) && fact.type !== 'erp.student.erased.v1')) {
    if (fact?.type === 'erp.student.snapshot.v1') run.student = settleBySnapshot(saidAgain(), envelope, [])
    accept(true)
    run.student = advanced(run.student, envelope.source)
    note(run, event, 'ignored')
    return true
  }
  if (fact.type === 'erp.student.erased.v1') {
    run.student = forget(saidAgain(), envelope)
    accept(true)
    run.student = advanced(run.student, envelope.source)
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
    run.student = settleBySnapshot(saidAgain(), envelope, fact.data.enrolments.map(keyOf))
  accept(effect.kind !== 'orphan')
  if (effect.kind === 'orphan') {
    run.student = { ...run.student, waiting: [...run.student.waiting, { kind: 'orphan', event }] }
    run.student = advanced(run.student, envelope.source)
    note(run, event, 'orphan')
    return true
  }
  if (effect.kind === 'changed') {
    const { enrolments, leavings } = effect.student
    run.student = { ...run.student, enrolments, leavings, erased: run.student.erased && !enrols(fact) }
  }
  // Only now: what an erasure silences is passed no more once the student is enrolled anew.
  run.student = advanced(run.student, envelope.source)
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
