import type { EnrolmentKey } from '../events/enrolment-key.ts'
import { scopeOf } from '../events/scope-of.ts'
import { missingEnrolment } from '../fees/enrolment.ts'
import { type Arrived, MAX_WAITING, type Student, type Waiting } from '../state/student.ts'
import { numbersOf } from './source-numbers.ts'
import { hasRoomFor } from './sources.ts'

/** Who waits for what, and whether there is room. */

export type LackOfRoom = 'too_many_waiting' | 'too_many_sources'

/**
 * Why there is no room for an event; `null` where there is. There always is for a snapshot and an erasure, and for the
 * number that held events wait for.
 */
export const lackOfRoom = (student: Student, event: Arrived, wouldWait: boolean): LackOfRoom | null => {
  const { source, sequence } = event.envelope
  if (event.fact !== null && scopeOf(event.fact) !== 'enrolment') return null
  if (!hasRoomFor(student, source)) return 'too_many_sources'
  if (!wouldWait || student.waiting.length < MAX_WAITING) return null
  const isAwaited = sequence === numbersOf(student, source).applied + 1n && hasHeld(student, source)
  return isAwaited ? null : 'too_many_waiting'
}

const hasHeld = (student: Student, source: string): boolean =>
  student.waiting.some((item) => item.kind === 'held' && item.event.envelope.source === source)

/** The enrolment that an event waits for; `null` where all that it needs exist. */
export const awaitedEnrolment = (student: Student, { fact }: Arrived): EnrolmentKey | null =>
  fact === null ? null : missingEnrolment(student, fact)

export const isOrphan = (student: Student, event: Arrived): boolean =>
  !student.erased && awaitedEnrolment(student, event) !== null

export const nextReady = (student: Student): Waiting | undefined =>
  student.waiting.find((item) => item.kind === 'orphan' && !isOrphan(student, item.event)) ??
  student.waiting.find(
    ({ kind, event }) =>
      kind === 'held' && event.envelope.sequence === numbersOf(student, event.envelope.source).applied + 1n,
  )
