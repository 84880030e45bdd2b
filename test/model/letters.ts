import { passOver } from './numbers.ts'
import {
  hasRoomFor,
  type Item,
  type Letter,
  MOST_LETTERS,
  openLetters,
  type Remembered,
  type Student,
} from './student.ts'
import type { DetailFamily, Event, Reason } from './types.ts'

/** Until a student that was erased is enrolled anew, everything else is ignored. */
export const isIgnored = (student: Student, event: Event): boolean => student.erased && !enrolsAnew(event)

export const enrolsAnew = ({ payload }: Event): boolean => {
  if (payload.type === 'snapshot') return payload.listed.length > 0
  return payload.type === 'enrolled' || (payload.type === 'changed' && payload.changes[0]?.type === 'enrolled')
}

/** A dead letter is known by itself while there is room; beyond that its source is flooded. No rule knows which it was. */
export const addLetter = (student: Student, letter: Letter): void => {
  if (openLetters(student).length >= MOST_LETTERS) {
    student.flooded.add(letter.source)
    student.uncounted.push(letter)
  } else student.letters.push(letter)
  letter.tell(letter.reason === 'conflict' ? 'conflict' : 'poison')
}

/** What was beyond counting is settled: of these sources, or of all. Gives the letters that this settles. */
export const settleFlood = (student: Student, sources?: readonly (string | null)[]): readonly Letter[] => {
  const isMeant = (source: string | null) => sources === undefined || sources.includes(source)
  const settled = student.uncounted.filter((letter) => !letter.settled && isMeant(letter.source))
  for (const letter of settled) letter.settled = true
  for (const source of student.flooded) if (isMeant(source)) student.flooded.delete(source)
  return settled
}

/** An event that becomes a dead letter, unless the student is erased. */
export const refuse = (student: Student, item: Item, reason: Reason, family: DetailFamily): void => {
  const { event, record, tell } = item
  const { source, sequence } = event
  if (isIgnored(student, event)) {
    if (sequence !== null && hasRoomFor(student, source)) passOver(student, source, sequence)
    tell('ignored')
    return
  }
  addLetter(student, { ...event, student: student.identifier, record, reason, family, settled: false, tell })
}

export const isSame = (one: Event | Remembered, event: Event): boolean =>
  one.source === event.source && one.id === event.id && one.content === event.content
