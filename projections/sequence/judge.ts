import { scopeOf } from '../events/scope-of.ts'
import { isOpen, isSkipped, type Numbers } from '../state/numbers.ts'
import { sawEvent, sawIdentity, sawSequence } from '../state/seen.ts'
import { type Arrived, type SourceState, type Student, sourceOf } from '../state/student.ts'
import { isReplaced, type TooLate, tooLate } from './too-late.ts'

/** Why an event contradicts what was accepted before it. */
export type ConflictDetail =
  | 'id_reused'
  | 'number_taken'
  | 'number_passed'
  | 'number_let_go'
  | 'number_missing'
  | 'overtaken'
  | 'replaced_source'
  | TooLate['detail']

/** The sequence decision about an arriving event. */
export type Judgement =
  | { readonly kind: 'apply' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict'; readonly detail: ConflictDetail; readonly where?: string }

const APPLY: Judgement = { kind: 'apply' }
const HOLD: Judgement = { kind: 'hold' }
const DUPLICATE: Judgement = { kind: 'duplicate' }

/**
 * Checks in this order: a repeat, a contradiction of an accepted event, too late to decide, too early, its turn.
 *
 * @param rerouted it was moved here from a wrong partition, so the log's order does not apply to it
 */
export const judge = (student: Student, event: Arrived, rerouted: boolean): Judgement => {
  if (isDuplicate(student, event)) return DUPLICATE
  const detail = contradiction(student, event, rerouted)
  if (detail !== null) return { kind: 'conflict', detail }
  const late = tooLate(student, event)
  if (late !== null) return { kind: 'conflict', ...late }
  const { source, sequence } = event.envelope
  return sequence === null || isNext(sourceOf(student, source).numbers, event, sequence) ? APPLY : HOLD
}

/** The same event again, or one whose number has been passed and who is no younger than what passed it. */
const isDuplicate = (student: Student, event: Arrived): boolean => {
  const { identity, content, source, sequence } = event.envelope
  const isThis = (known: { readonly identity: string | null; readonly content: string | null }): boolean =>
    known.identity === identity && known.content === content
  if (
    student.letters.some(isThis) ||
    sawEvent(student.seen, event.envelope) ||
    student.waiting.some((item) => isThis(item.event.envelope))
  )
    return true
  if (sequence === null || isReused(student, event)) return false
  const state = sourceOf(student, source)
  const isPassed = sequence <= state.numbers.applied && !isSkipped(state.numbers, sequence)
  return isPassed && !isTaken(student, state, event, sequence) && isRepeat(state, event, sequence)
}

const isReused = (student: Student, { envelope: { identity } }: Arrived): boolean =>
  sawIdentity(student.seen, identity) || waits(student, (item) => item.envelope.identity === identity)

/** What was accepted before it says otherwise. */
const contradiction = (student: Student, event: Arrived, rerouted: boolean): ConflictDetail | null => {
  if (isReused(student, event)) return 'id_reused'
  if (isReplaced(student, event)) return 'replaced_source'
  const { source, sequence } = event.envelope
  const state = sourceOf(student, source)
  if (sequence === null) {
    if (state.numbers.highest > 0n && !standsAlone(event)) return 'number_missing'
    return rerouted && event.timestampMs < state.lastTimestampMs ? 'overtaken' : null
  }
  if (isSkipped(state.numbers, sequence)) return 'number_let_go'
  if (isTaken(student, state, event, sequence)) return 'number_taken'
  return sequence <= state.numbers.applied ? 'number_passed' : null
}

/** Another event has that number of its source. */
const isTaken = (student: Student, { id }: SourceState, { envelope: { source } }: Arrived, number: bigint): boolean =>
  waits(student, ({ envelope }) => envelope.source === source && envelope.sequence === number) ||
  sawSequence(student.seen, id, number)

/** Its number has been passed, and whose it was is not remembered: what is no younger than what passed it is a repeat. */
const isRepeat = ({ numbers: { opened }, lastTime }: SourceState, { envelope }: Arrived, number: bigint): boolean => {
  const passedAt = opened?.first && number < opened.first ? opened.since : lastTime
  return passedAt !== null && envelope.time <= passedAt
}

export const isNext = (numbers: Numbers, event: Arrived, number: bigint): boolean =>
  standsAlone(event) || number === numbers.applied + 1n || isOpen(numbers)

/** Snapshots and erasures apply at once, whatever is missing before them. */
const standsAlone = ({ fact }: Arrived): boolean => fact !== null && scopeOf(fact) !== 'enrolment'

const waits = (student: Student, matches: (event: Arrived) => boolean): boolean =>
  student.waiting.some((item) => matches(item.event))
