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

const judgeUnnumbered = (source: SourceState, event: Arrived, rerouted: boolean): Judgement => {
  if (source.highest > 0n && !standsAlone(event)) return conflict('number_missing')
  return rerouted && event.timestampMs < source.lastTimestampMs ? conflict('overtaken') : APPLY
}

const judgeNumber = (student: Student, source: SourceState, event: Arrived, number: bigint): Judgement => {
  const { envelope } = event
  if (source.letGo.includes(number)) return conflict('number_let_go')
  if (waits(student, ({ envelope: known }) => known.source === envelope.source && known.sequence === number))
    return conflict('number_taken')
  if (number <= source.applied) {
    if (sawSequence(student.seen, sourceNumber(student, envelope.source), number)) return conflict('number_taken')
    const opened = source.opened
    const settledAt = opened?.first && number < opened.first ? opened.since : source.lastTime
    return settledAt !== null && envelope.time <= settledAt ? DUPLICATE : conflict('number_passed')
  }
  if (standsAlone(event) || number === source.applied + 1n || isOpen(source)) return APPLY
  return HOLD
}

/** Snapshots and erasures apply at once, whatever is missing before them. */
export const standsAlone = (event: Arrived): boolean =>
  event.fact?.type === 'erp.student.snapshot.v1' || event.fact?.type === 'erp.student.erased.v1'

/** After a snapshot without a number, whatever number comes next is the first. */
export const isOpen = (source: SourceState): boolean => source.opened !== null && source.opened.first === null

const waits = (student: Student, matches: (event: Arrived) => boolean): boolean =>
  student.waiting.some((item) => matches(item.event))

export const isHeld = (student: Student, source: string, number: bigint): boolean =>
  student.waiting.some(
    (item) => item.kind === 'held' && item.event.envelope.source === source && item.event.envelope.sequence === number,
  )

export const hasHeld = (student: Student, source: string): boolean =>
  student.waiting.some((item) => item.kind === 'held' && item.event.envelope.source === source)

/**
 * The first numbers of a source, up to `upTo` and at most so many, that nothing is known of: not applied, held, dead or
 * let go.
 *
 * @param here the number that is just having its turn
 */
export const missingNumbers = (
  student: Student,
  name: string,
  upTo: bigint,
  most: number,
  here: bigint | null = null,
): readonly bigint[] => {
  const source = sourceOf(student, name)
  const isKnown = (number: bigint): boolean =>
    number === here ||
    source.letGo.includes(number) ||
    (student.erased && source.silenced.includes(number)) ||
    isHeld(student, name, number) ||
    student.letters.some((letter) => !letter.settled && letter.source === name && letter.sequence === number)
  const missing: bigint[] = []
  for (let number = source.applied + 1n; number <= upTo && missing.length < most; number += 1n)
    if (!isKnown(number)) missing.push(number)
  return missing
}
