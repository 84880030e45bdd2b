import type { Envelope } from '../events/event.ts'
import { goOnAfter, silence } from '../state/numbers.ts'
import { type Student, sourceOf, withSource } from '../state/student.ts'
import { isUnsettled, settleLetters } from './letters.ts'
import { withoutApplied } from './newest-events.ts'
import { advanced, sawNumber, skipOneMissing, withNumbers } from './source-numbers.ts'

/**
 * Every enrolment and all that waits or is in doubt is forgotten, and each source goes on after the highest number seen.
 * Only what the erasing source sent after the erasure by sequence stays.
 */
export const erase = (student: Student, { source, sequence }: Envelope): Student => {
  const isLater = (name: string | null, number: bigint | null | 'unreadable'): boolean =>
    name === source && sequence !== null && typeof number === 'bigint' && number > sequence
  const known = withoutApplied(withSource(student, source, sourceOf(student, source)))
  const sources = new Map(
    [...known.sources].map(([name, state]) => {
      const reached = name === source && sequence !== null ? sequence : state.numbers.highest
      return [name, { ...state, numbers: goOnAfter(state.numbers, reached) }] as const
    }),
  )
  const waiting = student.waiting.filter(
    ({ kind, event: { envelope } }) => kind === 'held' && isLater(envelope.source, envelope.sequence),
  )
  const unread = student.letters.filter((letter) => isUnsettled(letter) && letter.sequence === 'unreadable')
  const forgotten = settleLetters(
    { ...known, sources, enrolments: [], erased: true, renewedAt: null, waiting },
    (letter) => !isLater(letter.source, letter.sequence),
  )
  return unread.reduce(
    (soFar, letter) => (letter.source === null ? soFar : skipOneMissing(soFar, letter.source)),
    forgotten,
  )
}

/**
 * After an erasure nothing counts until the student is enrolled anew, broken events neither; `null` where it is. A number
 * behind others that are still to come is passed in its place, unless one of those enrols the student: then it is missing.
 */
export const silencedBy = (student: Student, source: string | null, number: bigint | null): Student | null => {
  if (!student.erased) return null
  if (source === null || number === null) return student
  const seen = withNumbers(sawNumber(student, source, number), source, (numbers) =>
    number <= numbers.applied ? numbers : silence(numbers, number),
  )
  return advanced(seen, source)
}
