import { scopeOf } from '../events/scope-of.ts'
import { isOpen, isSkipped, type Numbers } from '../state/numbers.ts'
import { sawEvent, sawIdentity, sawSequence } from '../state/seen.ts'
import { type Arrived, type SourceState, type Student, sourceNumber, sourceOf } from '../state/student.ts'

/** Why an event contradicts what was accepted before it. */
export type ConflictDetail =
  | 'id_reused'
  | 'number_taken'
  | 'number_passed'
  | 'number_let_go'
  | 'number_missing'
  | 'overtaken'

/** The sequence decision about an arriving event. */
export type Judgement =
  | { readonly kind: 'apply' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict'; readonly detail: ConflictDetail }

const APPLY: Judgement = { kind: 'apply' }
const HOLD: Judgement = { kind: 'hold' }
const DUPLICATE: Judgement = { kind: 'duplicate' }
const conflict = (detail: ConflictDetail): Judgement => ({ kind: 'conflict', detail })

/**
 * @param rerouted it was published to a wrong partition and moved here, so that the log's order says nothing of its place
 */
export const judge = (student: Student, event: Arrived, rerouted: boolean): Judgement => {
  const { identity, content, sequence } = event.envelope
  const isThis = (known: { readonly identity: string | null; readonly content: string | null }): boolean =>
    known.identity === identity && known.content === content
  if (
    student.letters.some(isThis) ||
    sawEvent(student.seen, event.envelope) ||
    student.waiting.some((item) => isThis(item.event.envelope))
  )
    return DUPLICATE
  if (sawIdentity(student.seen, identity) || waits(student, (item) => item.envelope.identity === identity))
    return conflict('id_reused')
  const source = sourceOf(student, event.envelope.source)
  return sequence === null ? judgeUnnumbered(source, event, rerouted) : judgeNumber(student, source, event, sequence)
}

const judgeUnnumbered = ({ numbers, lastTimestampMs }: SourceState, event: Arrived, rerouted: boolean): Judgement => {
  if (numbers.highest > 0n && !standsAlone(event)) return conflict('number_missing')
  return rerouted && event.timestampMs < lastTimestampMs ? conflict('overtaken') : APPLY
}

const judgeNumber = (student: Student, state: SourceState, event: Arrived, number: bigint): Judgement => {
  const { source } = event.envelope
  const { numbers } = state
  if (isSkipped(numbers, number)) return conflict('number_let_go')
  if (waits(student, ({ envelope: known }) => known.source === source && known.sequence === number))
    return conflict('number_taken')
  if (number <= numbers.applied) {
    if (sawSequence(student.seen, sourceNumber(student, source), number)) return conflict('number_taken')
    return isRepeat(state, event, number) ? DUPLICATE : conflict('number_passed')
  }
  return isNext(numbers, event, number) ? APPLY : HOLD
}

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
