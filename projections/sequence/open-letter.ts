import type { Letter, Student } from '../state/student.ts'
import { flooded } from './floods.ts'
import { isUnsettled, samePlace } from './letters.ts'
import { sawNumber } from './source-numbers.ts'

/** So many open letters of a student are known one by one. */
export const MAX_OPEN = 256

/**
 * A dead letter opens: its student is suspect, and a number above the applied one keeps its place, so that later events of
 * its source wait for it. One that was replayed and died again is one letter, opened again.
 */
export const openLetter = (student: Student, letter: Omit<Letter, 'settled'>): Student => {
  const others = student.letters.filter(({ place }) => !samePlace(place, letter.place))
  const hasRoom = others.filter(isUnsettled).length < MAX_OPEN
  const opened = hasRoom
    ? { ...student, letters: [...others, { ...letter, settled: false }] }
    : flooded(student, letter)
  const { source, sequence } = letter
  return source === null || typeof sequence !== 'bigint' ? opened : sawNumber(opened, source, sequence)
}
