import type { Envelope, LogPosition } from '../events/event.ts'
import { type Letter, type Student, sourceOf, withSource } from '../state/student.ts'
import { missingNumbers } from './sequence.ts'

/** How many settled letters of a student are remembered, so that their repetition is known as one. */
const MAX_SETTLED = 256
/** How many let-go numbers of a source are remembered. */
const MAX_LET_GO = 256

/**
 * A dead letter opens: its student is suspect, and a number above the applied one keeps its place. One that was replayed
 * and died again is one letter, opened again.
 */
export const openLetter = (student: Student, letter: Omit<Letter, 'settled'>): Student => {
  const others = student.letters.filter(({ place }) => !samePlace(place, letter.place))
  const opened: Student = { ...student, letters: [...others, { ...letter, settled: false }] }
  const { source, sequence } = letter
  if (source === null || typeof sequence !== 'bigint') return opened
  return sawNumber(opened, source, sequence)
}

export const sawNumber = (student: Student, source: string, number: bigint): Student => {
  const state = sourceOf(student, source)
  const highest = number > state.highest ? number : state.highest
  if (state.opened === null || state.opened.first !== null)
    return highest === state.highest ? student : withSource(student, source, { ...state, highest })
  // Where any number may be the first, this one is, be it a bad event's: the next ones wait for it.
  const applied = number - 1n > state.applied ? number - 1n : state.applied
  return withSource(student, source, { ...state, highest, applied, opened: { ...state.opened, first: number } })
}

export const settleLetters = (student: Student, settles: (letter: Letter) => boolean): Student => {
  if (!student.letters.some((letter) => !letter.settled && settles(letter))) return student
  const letters = student.letters.map((letter) =>
    !letter.settled && settles(letter) ? { ...letter, settled: true } : letter,
  )
  let surplus = letters.filter((letter) => letter.settled).length - MAX_SETTLED
  return {
    ...student,
    letters: letters.filter((letter) => {
      if (!letter.settled || surplus <= 0) return true
      surplus -= 1
      return false
    }),
  }
}

/** An accepted event closes the poison that bore its id or its number: the publisher has said it again, rightly. */
export const closeLetters = (student: Student, { source, identity, sequence }: Envelope): Student =>
  settleLetters(
    student,
    (letter) =>
      letter.reason !== 'conflict' &&
      (letter.identity === identity || (sequence !== null && letter.source === source && letter.sequence === sequence)),
  )

export const findOpenLetter = (student: Student, place: LogPosition): Letter | undefined =>
  student.letters.find((letter) => !letter.settled && samePlace(letter.place, place))

const samePlace = (a: LogPosition, b: LogPosition): boolean => a.partition === b.partition && a.offset === b.offset

export const letGoOf = (student: Student, source: string, number: bigint): Student => {
  const state = sourceOf(student, source)
  if (state.letGo.includes(number)) return student
  return withSource(student, source, { ...state, letGo: [...state.letGo, number].slice(-MAX_LET_GO) })
}

/**
 * A letter whose number could not be read is settled: one number of its source will never come. It is the one missing
 * now; where none is, the one that the source's next number finds missing.
 */
export const letGoOfUnread = (student: Student, source: string): Student => {
  const state = sourceOf(student, source)
  const [missing] = missingNumbers(student, source, state.highest, 1)
  if (missing !== undefined) return letGoOf(student, source, missing)
  return withSource(student, source, { ...state, credit: state.credit + 1 })
}
