import { keyOf } from '../events/enrolment-key.ts'
import type { Fact } from '../events/event.ts'
import { enrolsStudent, scopeOf } from '../events/scope-of.ts'
import { effectOf } from '../fees/enrolment.ts'
import { goOnAfter } from '../state/numbers.ts'
import { unsee } from '../state/seen.ts'
import { type Arrived, type LetterReason, type Student, sourceOf } from '../state/student.ts'
import { aboutOf, happenedAt } from './about.ts'
import { erase, silencedBy } from './erasure.ts'
import { closeLetters } from './letters.ts'
import { sawApplied } from './newest-events.ts'
import { openLetter } from './open-letter.ts'
import { remembered } from './remembered.ts'
import { type FoldContext, note } from './report.ts'
import { replaceSource, settleBySnapshot } from './settle-by-snapshot.ts'
import { advanced, numbersOf, sawNumber, withNumbers } from './source-numbers.ts'
import { admit, changeSource } from './sources.ts'
import { isOrphan, type LackOfRoom, lackOfRoom, nextReady } from './waiting.ts'

/**
 * What becomes of an event that is neither a repeat nor a contradiction.
 *
 *   arrived ── its turn ──► applied | ignored | orphan (its enrolment is missing) | dead (it contradicts the facts)
 *      │                                           │ its enrolment exists
 *      └── too early ──► held ── its turn ──► …    └──► applied | ignored | dead
 *
 * An event that has its turn may be what others wait for: they have theirs in the same step.
 */

/** Its turn, and then the turn of whatever waited for it. */
export const applyNow = (student: Student, event: Arrived, context: FoldContext): Student => {
  const lack = lackOfRoom(student, event, isOrphan(student, event))
  if (lack !== null) return overflow(student, event, lack, context)
  const { kind, student: next } = takeTurn(student, event, 'arrived', context)
  return kind === 'dead' ? next : drain(next, context)
}

export const hold = (student: Student, event: Arrived, context: FoldContext): Student => {
  const lack = lackOfRoom(student, event, true)
  if (lack !== null) return overflow(student, event, lack, context)
  note(context, event, 'held')
  const known = remember(student, event)
  return { ...known, waiting: [...known.waiting, { kind: 'held', event }] }
}

const overflow = (student: Student, event: Arrived, detail: LackOfRoom, context: FoldContext): Student => {
  if (event.fact !== null || detail === 'too_many_waiting')
    return ignoredAsErased(student, event, context) ?? die(student, event, { reason: 'overflow', detail }, context)
  // A type that is not ours counts only for its number, and there is no room for its source's numbers.
  note(context, event, 'ignored')
  return student
}

/** Whatever can have its turn now has it. Every round takes one item out of the waiting ones, so it ends. */
export const drain = (student: Student, context: FoldContext): Student => {
  let next = student
  for (let ready = nextReady(next); ready; ready = nextReady(next)) {
    const { event, kind } = ready
    const waiting = next.waiting.filter((item) => item !== ready)
    next = takeTurn({ ...next, waiting }, event, kind, context).student
  }
  return next
}

/** It becomes a dead letter. A number above the applied one keeps its place: later events of its source wait for it. */
export const die = (student: Student, event: Arrived, cause: CauseOfDeath, context: FoldContext): Student => {
  const { place, envelope } = event
  const { source, identity, content, sequence } = envelope
  const { reason, detail, where = '' } = cause
  note(context, event, reason === 'conflict' ? 'conflict' : 'poison')
  context.report.deadLetters.push({ place, reason, detail, where })
  const [at, about] = [happenedAt(event), aboutOf(event)]
  return openLetter(student, { place, reason, detail, at, about, source, identity, content, sequence })
}

type CauseOfDeath = { readonly reason: LetterReason; readonly detail: string; readonly where?: string | undefined }

/**
 * What would die is ignored while the student is erased, and what waited for its number may have its turn. An event that
 * enrols the student is none of the other events that an erasure silences. `null` where the event may die.
 */
export const ignoredAsErased = (student: Student, event: Arrived, context: FoldContext): Student | null => {
  if (event.fact && enrolsStudent(event.fact)) return null
  const silenced = silencedBy(student, event.envelope.source, event.envelope.sequence)
  if (silenced === null) return null
  const drained = drain(silenced, context)
  note(context, event, 'ignored')
  return drained
}

type Turn = { readonly kind: 'had' | 'dead'; readonly student: Student }
/** Where an event comes from to its turn. One that waited was accepted before. */
type TurnFrom = 'arrived' | 'held' | 'orphan'

/**
 * The event's turn. An event that contradicts the facts gets none: it dies, keeps its place, and later events of its
 * source wait for it.
 */
const takeTurn = (student: Student, event: Arrived, from: TurnFrom, context: FoldContext): Turn => {
  const { fact, envelope } = event
  const { applied } = numbersOf(student, envelope.source)
  const had = (next: Student): Turn => ({ kind: 'had', student: advanced(next, envelope.source, applied) })
  const scope = fact && scopeOf(fact)
  const isIgnored = fact === null || (student.erased && !enrolsStudent(fact) && scope !== 'erasure')
  if (isIgnored || scope === 'erasure') {
    const settled = settledBy(student, event)
    note(context, event, isIgnored ? 'ignored' : 'applied')
    const accepted = accept(settled, event, from, true)
    return had(isIgnored ? accepted : sawApplied(accepted, event))
  }
  const effect = effectOf(student, fact as Exclude<Fact, { type: 'erp.student.erased.v1' }>, {
    source: envelope.source,
    time: envelope.time,
    calendar: context.calendar,
  })
  if (effect.kind === 'poison') {
    const unknown = from === 'arrived' ? student : { ...student, seen: unsee(student.seen, envelope) }
    return { kind: 'dead', student: die(unknown, event, { reason: 'poison', detail: effect.detail }, context) }
  }
  const accepted = accept(settledBy(student, event), event, from, effect.kind !== 'orphan')
  if (effect.kind === 'orphan') {
    note(context, event, 'orphan')
    return had({ ...accepted, waiting: [...accepted.waiting, { kind: 'orphan', event }] })
  }
  note(context, event, effect.kind === 'changed' ? 'applied' : 'ignored')
  if (effect.kind !== 'changed') return had(sawApplied(accepted, event))
  const { enrolments, leavings, changes } = effect.student
  const renewal = accepted.erased && enrolsStudent(fact) ? { erased: false, renewedAt: happenedAt(event) } : {}
  // The sequence advances last: numbers that an erasure silences are no longer passed once the student is enrolled
  // again.
  return had(sawApplied({ ...accepted, enrolments, leavings, changes, ...renewal }, event))
}

/**
 * What a snapshot or an erasure settles. Poison that it says again itself is closed first: that is no other number of its
 * source, which would be skipped.
 */
const settledBy = (student: Student, { fact, envelope }: Arrived): Student => {
  if (fact?.type === 'erp.student.erased.v1') return erase(closeLetters(student, envelope), envelope)
  if (fact?.type !== 'erp.student.snapshot.v1') return student
  const { enrolments, replaces = [] } = fact.data
  const admitted = admit(closeLetters(student, envelope), envelope.source)
  const settled = settleBySnapshot(admitted, envelope, enrolments.map(keyOf))
  return replaces.reduce(replaceSource, settled)
}

/** @param hasEffect what was published before it and comes by another partition has been overtaken */
const accept = (student: Student, event: Arrived, from: TurnFrom, hasEffect: boolean): Student => {
  const known = from === 'arrived' ? remember(student, event) : student
  const { source, sequence, time } = event.envelope
  const counted = from === 'orphan' || sequence === null
  const passed = counted ? known : withNumbers(known, source, (numbers) => goOnAfter(numbers, sequence))
  return changeSource(passed, source, (state) => ({
    ...state,
    lastTime: from === 'orphan' ? state.lastTime : time,
    lastTimestampMs: hasEffect ? Math.max(state.lastTimestampMs, event.timestampMs) : state.lastTimestampMs,
  }))
}

/** The event is accepted: its id is known from now on, and poison that it says again is closed. */
const remember = (student: Student, event: Arrived): Student => {
  const { source, sequence } = event.envelope
  const known = changeSource(student, source, (state) => state)
  const closed = closeLetters(
    remembered(known, event.envelope, sourceOf(known, source).id, happenedAt(event)),
    event.envelope,
  )
  return sequence === null ? closed : sawNumber(closed, source, sequence)
}
