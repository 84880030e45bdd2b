import { keyOf } from './payload.ts'
import { type Letter, missingNumbers, openLetters, type Student, sourceOf } from './student.ts'
import type { Event, Payload } from './types.ts'

/**
 * What a snapshot's source (or an unknown one) left open before it is settled, and what waits for an enrolment that it
 * lists. Before means by number where both have one, else by the log.
 */
export const settleBySnapshot = (
  student: Student,
  event: Event,
  { listed }: Extract<Payload, { readonly type: 'snapshot' }>,
): void => {
  const { sequence } = event
  const source = sourceOf(student, event.source)
  const isBefore = (number: bigint | null | 'unreadable') =>
    sequence === null || typeof number !== 'bigint' || number < sequence
  const keys = new Set(listed.map(({ place }) => keyOf(place)))
  const settled = openLetters(student).filter(
    (letter) => letter.source === null || (letter.source === event.source && isBefore(letter.sequence)),
  )
  const goesOnAfter = sequence ?? source.highest
  const unnumbered = settled.filter((letter) => letter.source === event.source && letter.sequence === 'unreadable')
  const missing = missingNumbers(student, event.source, unnumbered.length, sequence)

  for (const letter of settled) letter.settled = true
  student.waiting = student.waiting.filter(({ item, as }) => {
    if (item.event.source === event.source && isBefore(item.event.sequence)) return false
    return !(as === 'orphan' && 'place' in item.event.payload && keys.has(keyOf(item.event.payload.place)))
  })
  // Each settled letter of unknown number stands for one number: for a missing one below the snapshot, which is settled
  // with it; else for one missing above; else for the one that the source's next number will find missing.
  for (const number of missing) if (number > goesOnAfter) source.letGo.add(number)
  source.owed += unnumbered.length - missing.length
  if (sequence === null && source.highest === 0n) source.anyFirst = event.time
  else source.anyFirst = null
  source.floor = null
  if (goesOnAfter > source.applied) source.applied = goesOnAfter
}

/** The person is forgotten; only ids and numbers stay, and what the erasing source sent after it by number. */
export const erase = (student: Student, event: Event): void => {
  const { sequence } = event
  const stays = (name: string, number: bigint | null) =>
    sequence !== null && name === event.source && number !== null && number > sequence
  const letters = openLetters(student)
  student.waiting = student.waiting.filter(({ item }) => stays(item.event.source, item.event.sequence))
  for (const letter of letters) {
    letter.settled = true
    if (letter.source === null) continue
    const source = sourceOf(student, letter.source)
    if (typeof letter.sequence === 'bigint' && stays(letter.source, letter.sequence)) source.passed.add(letter.sequence)
  }
  for (const [name, source] of student.sources) {
    const erasing = name === event.source && sequence !== null
    const goesOnAfter = erasing ? sequence : source.highest
    if (goesOnAfter > source.applied) source.applied = goesOnAfter
  }
  for (const letter of letters) letGoOne(student, letter)
}

/** A letter whose number could not be read stands for one number of its source. */
export const letGoOne = (student: Student, letter: Letter): void => {
  if (letter.source === null || letter.sequence !== 'unreadable') return
  const source = sourceOf(student, letter.source)
  const [missing] = missingNumbers(student, letter.source, 1)
  if (missing === undefined) source.owed += 1
  else source.letGo.add(missing)
}
