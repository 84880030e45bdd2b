import type { Fact } from '../events/event.ts'
import { type Student, sourceOf, withSource } from '../state/student.ts'
import { letGoOf, sawNumber, settleLetters } from './letters.ts'
import { isHeld, isOpen, missingNumbers } from './sequence.ts'

/**
 * Numbers that will never apply, and are passed when the sequence comes to them: those that were let go, and those of
 * what an erasure silences.
 */

/** How many of a source's silenced numbers are remembered. */
const MAX_SILENCED = 256

export const enrols = (fact: Fact): boolean =>
  fact.type === 'erp.student.enrolled.v1' ||
  (fact.type === 'erp.student.snapshot.v1' && fact.data.enrolments.length > 0)

/** The source's sequence, moved over the numbers that come next and will never apply. */
export const advanced = (student: Student, source: string): Student => {
  let moved = student
  for (;;) {
    const state = sourceOf(moved, source)
    const next = state.applied + 1n
    const isDead = (letter: { source: string | null; sequence: unknown; settled: boolean }): boolean =>
      !letter.settled && letter.source === source && letter.sequence === next
    const silent = moved.erased && (state.silenced.includes(next) || moved.letters.some(isDead))
    if (isHeld(moved, source, next) || !(silent || state.letGo.includes(next))) return moved
    moved = withSource(silent ? settleLetters(moved, isDead) : moved, source, { ...state, applied: next })
  }
}

/**
 * After an erasure nothing counts until the student is enrolled anew, broken things neither; `null` where it is. A number
 * behind others that are still to come is passed in its place, unless one of those enrols the student: then it is missing.
 */
export const silencedBy = (student: Student, source: string | null, number: bigint | null): Student | null => {
  if (!student.erased) return null
  if (source === null || number === null) return student
  const seen = sawNumber(student, source, number)
  const state = sourceOf(seen, source)
  if (number <= state.applied) return seen
  const silenced = [...state.silenced, number].slice(-MAX_SILENCED)
  return advanced(withSource(seen, source, { ...state, silenced }), source)
}

/**
 * Settled letters without a readable number let go of what the source's next number finds missing; what it does not find
 * missing will never be asked for. `null` where there is nothing to spend.
 */
export const withCreditSpent = (student: Student, source: string, number: bigint): Student | null => {
  const state = sourceOf(student, source)
  if (state.credit === 0 || number <= state.applied) return null
  const spent = withSource(student, source, { ...state, credit: 0 })
  const missing = isOpen(state) ? [] : missingNumbers(spent, source, number - 1n, state.credit)
  return advanced(
    missing.reduce((soFar, one) => letGoOf(soFar, source, one), spent),
    source,
  )
}
