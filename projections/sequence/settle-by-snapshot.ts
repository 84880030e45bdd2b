import { type EnrolmentKey, sameKey } from '../events/enrolment-key.ts'
import type { Envelope } from '../events/event.ts'
import { goOnAfter, type Numbers } from '../state/numbers.ts'
import type { Letter, Student, Waiting } from '../state/student.ts'
import { countOf, lowest, minus } from '../values/intervals.ts'
import { isUnsettled, settleLetters } from './letters.ts'
import { missingNumbers, numbersOf, skipRanges, withNumbers } from './source-numbers.ts'
import { awaitedEnrolment } from './waiting.ts'

/**
 * A snapshot settles everything that its source, or an unknown one, left open before it, and what waits for an
 * enrolment in its list. The order is the sequence where both have a number, else the log.
 */
export const settleBySnapshot = (
  student: Student,
  { source, sequence, time }: Envelope,
  listed: readonly EnrolmentKey[],
): Student => {
  const before = (number: bigint | null | 'unreadable'): boolean =>
    sequence === null || typeof number !== 'bigint' || number <= sequence
  const concerns = (letter: Letter): boolean =>
    letter.source === null || (letter.source === source && before(letter.sequence))

  const settled = settleUnread(student, source, sequence)
  const waiting = settled.waiting.filter((item) => !isSettled(settled, item, source, before, listed))
  const floods = settled.floods.filter((flood) => flood.source !== source && flood.source !== null)
  const cleared = settleLetters({ ...settled, waiting, floods }, concerns)
  return withNumbers(cleared, source, (numbers) => afterSnapshot(numbers, sequence, time))
}

/** So many replaced sources are remembered. */
const MAX_REPLACED = 256

/** A snapshot takes another source's place: all that one left open is settled, and its events count no more. */
export const replaceSource = (student: Student, source: string): Student => {
  const replaced = [...student.replaced.filter((known) => known !== source), source].slice(-MAX_REPLACED)
  const waiting = student.waiting.filter(({ event }) => event.envelope.source !== source)
  const floods = student.floods.filter((flood) => flood.source !== source)
  const settled = settleLetters({ ...student, replaced, waiting, floods }, (letter) => letter.source === source)
  return student.sources.has(source)
    ? withNumbers(settled, source, (numbers) => goOnAfter(numbers, numbers.highest))
    : settled
}

const isSettled = (
  student: Student,
  { kind, event }: Waiting,
  source: string,
  before: (number: bigint | null) => boolean,
  listed: readonly EnrolmentKey[],
): boolean => {
  if (event.envelope.source === source && before(event.envelope.sequence)) return true
  const needed = kind === 'orphan' ? awaitedEnrolment(student, event) : null
  return needed !== null && listed.some((key) => sameKey(key, needed))
}

/**
 * Each of the source's letters with an unreadable number stands for one number. A number missing before the snapshot is
 * settled, one after it is skipped. Where none is missing, the source's next number decides.
 */
const settleUnread = (student: Student, source: string, sequence: bigint | null): Student => {
  const { highest } = numbersOf(student, source)
  const letters = student.letters.filter(
    (letter) => isUnsettled(letter) && letter.sequence === 'unreadable' && letter.source === source,
  )
  const unread = letters.length + (student.floods.find((flood) => flood.source === source)?.unread ?? 0)
  if (unread === 0 || (highest === 0n && sequence === null)) return student
  const upTo = sequence === null || highest > sequence ? highest : sequence
  const missing = lowest(missingNumbers(student, source, upTo, sequence), unread)
  const after = sequence === null ? [] : minus(missing, [[0n, sequence]])
  const credit = unread - Number(countOf(missing))
  return withNumbers(skipRanges(student, source, after), source, (numbers) => ({
    ...numbers,
    credit: numbers.credit + credit,
  }))
}

const afterSnapshot = (numbers: Numbers, sequence: bigint | null, since: Envelope['time']): Numbers => {
  if (sequence !== null) return { ...numbers, opened: null }
  if (numbers.highest === 0n) return { ...numbers, opened: { since, first: null } }
  return goOnAfter({ ...numbers, opened: null }, numbers.highest)
}
