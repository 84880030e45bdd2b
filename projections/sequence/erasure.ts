import type { Envelope } from '../events/event.ts'
import { goOnAfter, silence } from '../state/numbers.ts'
import type { Letter, Student } from '../state/student.ts'
import { settleFloods } from './floods.ts'
import { isUnsettled, settleLetters } from './letters.ts'
import { withoutApplied } from './newest-events.ts'
import { advanced, sawNumber, skipMissing, withNumbers } from './source-numbers.ts'
import { changeSource } from './sources.ts'

/**
 * Every enrolment and all that waits or is in doubt is forgotten, and each source goes on after the highest number seen.
 * Only what the erasing source sent after the erasure by sequence stays.
 */
export const erase = (student: Student, { source, sequence }: Envelope): Student => {
  const isLater = (name: string | null, number: bigint | null | 'unreadable'): boolean =>
    name === source && sequence !== null && typeof number === 'bigint' && number > sequence
  const known = withoutApplied(changeSource(student, source, (state) => state))
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
  const letters: readonly Letter[] = forgotten.letters.map((letter) =>
    isUnsettled(letter) ? { ...letter, about: [] } : letter,
  )
  const skipped = unread.reduce(
    (soFar, letter) => (letter.source === null ? soFar : skipMissing(soFar, letter.source, 1)),
    { ...forgotten, letters },
  )
  return settleFloods(skipped, () => true)
}

/**
 * After an erasure no event counts, not even a broken one, until the student is enrolled again; `null` after that. A
 * number behind missing numbers is passed in its place, unless one of those events enrols the student: then it is
 * missing.
 */
export const silencedBy = (student: Student, source: string | null, number: bigint | null): Student | null => {
  if (!student.erased) return null
  if (source === null || number === null) return student
  const seen = withNumbers(sawNumber(student, source, number), source, (numbers) =>
    number <= numbers.applied ? numbers : silence(numbers, number),
  )
  return advanced(seen, source)
}
