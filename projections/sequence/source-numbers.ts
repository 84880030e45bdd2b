import { advance, isOpen, missing, type Numbers, saw, skip } from '../state/numbers.ts'
import { type Letter, type Student, sourceOf } from '../state/student.ts'
import { countOf, type Interval, type Intervals, intervalsOf, lowest, NO_NUMBERS, union } from '../values/intervals.ts'
import { isUnsettled, settleLetters } from './letters.ts'
import { changeSource } from './sources.ts'

/** The numbers of one source of a student, without waiting events and dead letters. */

export const numbersOf = (student: Student, source: string): Numbers => sourceOf(student, source).numbers

export const withNumbers = (student: Student, source: string, change: (numbers: Numbers) => Numbers): Student => {
  const before = numbersOf(student, source)
  const numbers = change(before)
  return numbers === before ? student : changeSource(student, source, (state) => ({ ...state, numbers }))
}

export const sawNumber = (student: Student, source: string, number: bigint): Student =>
  withNumbers(student, source, (numbers) => saw(numbers, number))

export const skipNumbers = (student: Student, source: string, range: Interval): Student =>
  withNumbers(student, source, (numbers) => skip(numbers, range))

/** The numbers of its events that wait for their turn. */
export const heldNumbers = (student: Student, source: string): Intervals =>
  numbersIn(
    student.waiting.flatMap(({ kind, event: { envelope } }) =>
      kind === 'held' && envelope.source === source ? [envelope.sequence] : [],
    ),
  )

/** The numbers of its open dead letters. */
const deadNumbers = (student: Student, source: string, isMeant = (_: Letter): boolean => true): Intervals =>
  numbersIn(
    student.letters.flatMap((letter) =>
      isUnsettled(letter) && letter.source === source && isMeant(letter) ? [letter.sequence] : [],
    ),
  )

/** An erasure has left it open and forgotten what it was about. One that came later would have enrolled the student. */
const isForgotten = ({ about }: Letter): boolean => about.length === 0

const numbersIn = (values: readonly (bigint | null | 'unreadable')[]): Intervals => {
  const numbers = values.filter((value) => typeof value === 'bigint')
  return numbers.length === 0 ? NO_NUMBERS : intervalsOf(numbers)
}

export const isHeld = (student: Student, source: string, number: bigint): boolean =>
  student.waiting.some(
    (item) => item.kind === 'held' && item.event.envelope.source === source && item.event.envelope.sequence === number,
  )

/**
 * Numbers of a source, up to `upTo`, that nothing is known of: not applied, held, dead or skipped.
 *
 * @param here the number that is just having its turn
 */
export const missingNumbers = (
  student: Student,
  source: string,
  upTo: bigint,
  here: bigint | null = null,
): Intervals => {
  const numbers = numbersOf(student, source)
  if (numbers.applied >= upTo) return NO_NUMBERS
  const come = [
    heldNumbers(student, source),
    deadNumbers(student, source),
    student.erased ? numbers.silenced : NO_NUMBERS,
    here === null ? NO_NUMBERS : intervalsOf([here]),
  ]
  return missing(numbers, come.reduce(union), upTo)
}

/**
 * The source's sequence, moved over the numbers that come next and never apply: the skipped ones, and, while the student
 * is erased, those of bad events. These letters are settled, also where another event had their number's turn.
 *
 * @param since the number that was applied before this step
 */
export const advanced = (
  student: Student,
  source: string,
  since: bigint = numbersOf(student, source).applied,
): Student => {
  const { skipped, silenced } = numbersOf(student, source)
  if (skipped.length === 0 && !student.erased) return student
  const passed = student.erased ? union(silenced, deadNumbers(student, source, isForgotten)) : NO_NUMBERS
  const moved = withNumbers(student, source, (numbers) => advance(numbers, passed, heldNumbers(student, source)))
  const { applied: reached } = numbersOf(moved, source)
  if (!student.erased || reached === since) return moved
  return settleLetters(
    moved,
    (letter) =>
      letter.source === source &&
      isForgotten(letter) &&
      typeof letter.sequence === 'bigint' &&
      letter.sequence > since &&
      letter.sequence <= reached,
  )
}

/**
 * Letters whose numbers could not be read are settled: so many numbers of their source will never come. They are the lowest
 * ones that are missing now. For what none is missing, they are those that the source's next number finds missing.
 */
export const skipMissing = (student: Student, source: string, count: number): Student => {
  if (count === 0) return student
  const skipped = lowest(missingNumbers(student, source, numbersOf(student, source).highest), count)
  const credit = count - Number(countOf(skipped))
  return withNumbers(skipRanges(student, source, skipped), source, (numbers) =>
    credit === 0 ? numbers : { ...numbers, credit: numbers.credit + credit },
  )
}

export const skipRanges = (student: Student, source: string, ranges: Intervals): Student =>
  ranges.reduce((soFar, range) => skipNumbers(soFar, source, range), student)

/**
 * Settled letters without a readable number skip the gap that the source's next number shows. Without a gap nothing is
 * skipped later. `null` where no credit is left.
 */
export const withCreditSpent = (student: Student, source: string, number: bigint): Student | null => {
  const { credit, applied } = numbersOf(student, source)
  if (credit === 0 || number <= applied) return null
  const spent = withNumbers(student, source, (numbers) => ({ ...numbers, credit: 0 }))
  const found = isOpen(numbersOf(spent, source)) ? NO_NUMBERS : missingNumbers(spent, source, number - 1n)
  return advanced(skipRanges(spent, source, lowest(found, credit)), source)
}
