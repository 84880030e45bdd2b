import type { Envelope, LogPosition } from '../events/event.ts'
import type { Letter, Student } from '../state/student.ts'

/** A student's dead letters that are known one by one: settled, or closed by an event that says them again. */

/** So many settled letters of a student are remembered, so that their repetition is known as one. */
const MAX_SETTLED = 256

export const isUnsettled = (letter: Letter): boolean => !letter.settled

/** What a settled letter was about is forgotten: an erasure leaves no word of an enrolment behind. */
export const settleLetters = (student: Student, settles: (letter: Letter) => boolean): Student => {
  if (!student.letters.some((letter) => isUnsettled(letter) && settles(letter))) return student
  const letters = student.letters.map((letter) =>
    isUnsettled(letter) && settles(letter) ? { ...letter, about: [], settled: true } : letter,
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
  student.letters.find((letter) => isUnsettled(letter) && samePlace(letter.place, place))

export const samePlace = (a: LogPosition, b: LogPosition): boolean =>
  a.partition === b.partition && a.offset === b.offset
