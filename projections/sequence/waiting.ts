import { keyOf } from '../fees/enrolment.ts'
import {
  type Arrived,
  type EnrolmentKey,
  findEnrolment,
  MAX_WAITING,
  type Student,
  type Waiting,
} from '../state/student.ts'
import { numbersOf } from './source-numbers.ts'

/** Who waits for what, and whether there is room. */

export const overflows = (student: Student, event: Arrived): boolean => {
  if (student.waiting.length < MAX_WAITING) return false
  const { source, sequence } = event.envelope
  const isAwaited = sequence === numbersOf(student, source).applied + 1n && hasHeld(student, source)
  return !isAwaited
}

const hasHeld = (student: Student, source: string): boolean =>
  student.waiting.some((item) => item.kind === 'held' && item.event.envelope.source === source)

/** The enrolment that an event needs; `null` where it needs none. */
export const neededEnrolment = ({ fact }: Arrived): EnrolmentKey | null => {
  if (fact === null || fact.type === 'erp.student.enrolled.v1') return null
  if (fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1') return null
  return keyOf(fact.data.student)
}

export const isOrphan = (student: Student, event: Arrived): boolean => {
  const needed = student.erased ? null : neededEnrolment(event)
  return needed !== null && findEnrolment(student.enrolments, needed) === undefined
}

export const nextReady = (student: Student): Waiting | undefined =>
  student.waiting.find((item) => item.kind === 'orphan' && !isOrphan(student, item.event)) ??
  student.waiting.find(
    ({ kind, event }) =>
      kind === 'held' && event.envelope.sequence === numbersOf(student, event.envelope.source).applied + 1n,
  )
