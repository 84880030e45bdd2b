import { keyOf } from '../fees/enrolment.ts'
import { type Arrived, findEnrolment, MAX_WAITING, type Student, sourceOf, type Waiting } from '../state/student.ts'
import { hasHeld } from './sequence.ts'

/** Who waits for what, and whether there is room. */

export const overflows = (student: Student, event: Arrived): boolean => {
  if (student.waiting.length < MAX_WAITING) return false
  const { source, sequence } = event.envelope
  const awaited = sequence === sourceOf(student, source).applied + 1n && hasHeld(student, source)
  return !awaited
}

export const isOrphan = (student: Student, event: Arrived): boolean => {
  const { fact } = event
  if (fact === null || student.erased || fact.type === 'erp.student.enrolled.v1') return false
  if (fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1') return false
  return findEnrolment(student.enrolments, keyOf(fact.data.student)) === undefined
}

export const nextReady = (student: Student): Waiting | undefined =>
  student.waiting.find((item) => item.kind === 'orphan' && !isOrphan(student, item.event)) ??
  student.waiting.find(
    ({ kind, event }) =>
      kind === 'held' && event.envelope.sequence === sourceOf(student, event.envelope.source).applied + 1n,
  )
