import type { Instant } from '../values/ids.ts'
import { hasNumber, type Interval, type Intervals, minus, NO_NUMBERS, withInterval } from '../values/intervals.ts'

/**
 * What is known of the numbers of one source for one student. Three laws hold (test/property/numbers.test.ts):
 * skipping numbers in any order ends in the same state; a skipped number above the applied one is never forgotten; no step
 * moves `applied` or `highest` back.
 */
export type Numbers = {
  /** The highest number that has had its turn; 0 before the first. */
  readonly applied: bigint
  /** The highest number seen in any event, also in a held or a bad one; 0: the source has not used numbers. */
  readonly highest: bigint
  /**
   * A snapshot without a number came before any number was seen: the next number, whatever it is, is the first.
   * Once it has come, `first` is that number. `since` stays the snapshot's time.
   */
  readonly opened: { readonly since: Instant; readonly first: bigint | null } | null
  /** Numbers that never apply, because an operator or the settling of an unreadable number let them go. */
  readonly skipped: Intervals
  /** Numbers of broken events that came while the student was erased: passed, if it still is when their turn comes. */
  readonly silenced: Intervals
  /** Settled letters whose number could not be read while none was missing: each skips the next missing one. */
  readonly credit: number
}

export const NO_NUMBER_YET: Numbers = {
  applied: 0n,
  highest: 0n,
  opened: null,
  skipped: NO_NUMBERS,
  silenced: NO_NUMBERS,
  credit: 0,
}

/** So many ranges of skipped numbers are remembered below the applied one, and so many of silenced numbers in all. */
export const MAX_RANGES = 256

/** Whatever number comes next is the first one. */
export const isOpen = ({ opened }: Numbers): boolean => opened !== null && opened.first === null

/** A number was seen, and one before it has not had its turn. */
export const hasHole = ({ applied, highest }: Numbers): boolean => highest > applied

export const isSkipped = ({ skipped }: Numbers, number: bigint): boolean => hasNumber(skipped, number)

/** Records the number of an event, held and bad events included. */
export const saw = (numbers: Numbers, number: bigint): Numbers => {
  const highest = greater(number, numbers.highest)
  if (numbers.opened === null || numbers.opened.first !== null)
    return highest === numbers.highest ? numbers : { ...numbers, highest }
  // Where any number may be the first, this one is: the numbers after it wait for it, though its event may be bad.
  const opened = { ...numbers.opened, first: number }
  return { ...goOnAfter(numbers, number - 1n), highest, opened }
}

/** The sequence goes on after this number, or where it is already. */
export const goOnAfter = (numbers: Numbers, number: bigint): Numbers =>
  number > numbers.applied ? forgetPassed({ ...numbers, applied: number }) : numbers

/** Numbers that will never apply; what has had its turn is left as it is. */
export const skip = (numbers: Numbers, [first, last]: Interval): Numbers => {
  const from = greater(first, numbers.applied + 1n)
  return from > last ? numbers : { ...numbers, skipped: withInterval(numbers.skipped, [from, last]) }
}

/** Of more ranges than are remembered the lowest stay: a number whose silence is forgotten counts as missing. */
export const silence = (numbers: Numbers, number: bigint): Numbers => ({
  ...numbers,
  silenced: withInterval(silencedAhead(numbers), [number, number]).slice(0, MAX_RANGES),
})

const silencedAhead = ({ silenced, applied }: Numbers): Intervals => silenced.filter(([, last]) => last > applied)

/**
 * Advances over the numbers that come next and never apply.
 *
 * @param passed numbers that are passed in addition to the skipped ones
 * @param held numbers whose events wait for their turn
 */
export const advance = (numbers: Numbers, passed: Intervals, held: Intervals): Numbers => {
  const over = minus(passed.reduce(withInterval, numbers.skipped), held)
  const next = numbers.applied + 1n
  const range = over.find(([first, last]) => first <= next && next <= last)
  return range ? goOnAfter(numbers, range[1]) : numbers
}

/**
 * Numbers up to `upTo` that nothing is known of.
 *
 * @param known numbers that have come, though they had no turn yet
 */
export const missing = (numbers: Numbers, known: Intervals, upTo: bigint): Intervals => {
  const next = numbers.applied + 1n
  return next > upTo ? [] : minus(minus([[next, upTo]], numbers.skipped), known)
}

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** What was skipped long ago is forgotten: a late event with such a number is judged by its time. */
const forgetPassed = (numbers: Numbers): Numbers => {
  if (numbers.skipped.length <= MAX_RANGES) return numbers
  const passed = numbers.skipped.filter(([, last]) => last <= numbers.applied).length
  const forgotten = Math.max(0, passed - MAX_RANGES)
  return forgotten === 0 ? numbers : { ...numbers, skipped: numbers.skipped.slice(forgotten) }
}
