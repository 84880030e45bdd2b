import { endOfInterval, withInterval } from './intervals.ts'
import { isHeld, openLetters, peekSource, type Student, sourceOf } from './student.ts'

/** The last of the numbers from this one on that are occupied without a break; null where this one is missing. */
const occupiedUntil = (student: Student, name: string, number: bigint): bigint | null => {
  const source = peekSource(student, name)
  const skipped = endOfInterval(source.letGo, number) ?? (student.erased ? endOfInterval(source.passed, number) : null)
  if (skipped !== null) return skipped
  const isTaken =
    isHeld(student, name, number) ||
    openLetters(student).some((letter) => letter.source === name && letter.sequence === number)
  return isTaken ? number : null
}

/** The first few numbers above the applied one that are missing, up to the highest seen. */
export const missingNumbers = (
  student: Student,
  name: string,
  most: number,
  except: bigint | null = null,
): bigint[] => {
  const { applied, highest } = peekSource(student, name)
  const missing: bigint[] = []
  for (let number = applied + 1n; number <= highest && missing.length < most; number++) {
    const end = occupiedUntil(student, name, number)
    if (end !== null) number = end
    else if (number !== except) missing.push(number)
  }
  return missing
}

/** A number of this source has been seen: it may be the first one, and it may show which number a dead letter had. */
export const noteNumber = (student: Student, name: string, number: bigint): void => {
  const source = sourceOf(student, name)
  if (source.anyFirst !== null) {
    source.applied = number - 1n
    source.floor = { below: number, time: source.anyFirst }
    source.anyFirst = null
  }
  if (number > source.highest) source.highest = number
  if (number <= source.applied || source.owed === 0) return
  for (const missing of missingNumbers(student, name, source.owed, number)) {
    if (missing < number) source.letGo = withInterval(source.letGo, missing, missing)
  }
  source.owed = 0
  skipNumbers(student)
}

/** The sequence goes on without these numbers. What has had its turn stays as it is. */
export const letGo = (student: Student, name: string, first: bigint, last: bigint): void => {
  const source = sourceOf(student, name)
  source.letGo = withInterval(source.letGo, first > source.applied ? first : source.applied + 1n, last)
}

/** Ignored before its turn: skipped when that comes. */
export const passOver = (student: Student, name: string, number: bigint): void => {
  const source = sourceOf(student, name)
  source.passed = withInterval(source.passed, number, number)
}

/** Numbers that were let go, or ignored before their turn, have it now. */
export const skipNumbers = (student: Student): void => {
  for (const [name, source] of student.sources) {
    const held = student.waiting
      .map(({ item: { event } }) => (event.source === name ? event.sequence : null))
      .filter((number) => number !== null)
    for (;;) {
      const next = source.applied + 1n
      const end = endOfInterval(source.letGo, next) ?? (student.erased ? endOfInterval(source.passed, next) : null)
      if (end === null || held.includes(next)) break
      const stop = held.filter((number) => number > next && number <= end).toSorted((a, b) => (a < b ? -1 : 1))[0]
      source.applied = stop === undefined ? end : stop - 1n
    }
  }
}
