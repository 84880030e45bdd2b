import { awaits } from './awaited.ts'
import { settleFlood } from './letters.ts'
import { letGo, missingNumbers, passOver } from './numbers.ts'
import { keyOf } from './payload-place.ts'
import { forgetHeard, type Item, type Letter, openLetters, type Student, sourceOf } from './student.ts'
import type { Event, Payload } from './types.ts'

type Snapshot = Extract<Payload, { readonly type: 'snapshot' }>

/**
 * What a snapshot's source, one that it replaces or an unknown one left open before it is settled, and what waits for an
 * enrolment that it lists. Before means by number where both are of one source and have one, else by the log.
 */
export const settleBySnapshot = (student: Student, { event }: Item, { listed, replaces }: Snapshot): void => {
  const isBefore = (name: string, number: bigint | null | 'unreadable') =>
    name !== event.source || event.sequence === null || typeof number !== 'bigint' || number < event.sequence
  const sources = [event.source, ...replaces]
  for (const name of replaces) student.replaced.add(name)
  const keys = new Set(listed.map(({ place }) => keyOf(place)))
  const settled = openLetters(student).filter(
    ({ source, sequence }) => source === null || (sources.includes(source) && isBefore(source, sequence)),
  )
  const flood = settleFlood(student, [null, ...sources])
  const ends = sources
    .filter((name) => name === event.source || student.sources.has(name))
    .map((name) => endSettled(student, name, event, [...settled, ...flood]))
  for (const letter of settled) letter.settled = true
  const dropped = student.waiting.filter((waiting) => {
    const { source, sequence } = waiting.item.event
    if (sources.includes(source) && isBefore(source, sequence)) return true
    return awaits(student.enrolments, waiting).some((key) => keys.has(key))
  })
  student.waiting = student.waiting.filter((waiting) => !dropped.includes(waiting))
  forgetHeard(
    student,
    dropped.map(({ item }) => item),
  )
  for (const end of ends) end()
  const own = sourceOf(student, event.source)
  own.anyFirst = event.sequence === null && own.highest === 0n ? event.time : null
  own.floor = null
}

/**
 * Each settled letter of unknown number stands for one number: for a missing one that is settled with it; else for one
 * missing above the snapshot; else for the one that the source's next number will find missing. Found before the letters
 * are settled, done after.
 */
const endSettled = (student: Student, name: string, event: Event, settled: readonly Letter[]): (() => void) => {
  const sequence = name === event.source ? event.sequence : null
  const source = sourceOf(student, name)
  const goesOnAfter = sequence ?? source.highest
  const unnumbered = settled.filter((letter) => letter.source === name && letter.sequence === 'unreadable').length
  const missing = missingNumbers(student, name, unnumbered, sequence)
  return () => {
    for (const number of missing) if (number > goesOnAfter) letGo(student, name, number, number)
    source.owed += unnumbered - missing.length
    if (goesOnAfter > source.applied) source.applied = goesOnAfter
  }
}

/** The person is forgotten; only ids and numbers stay, and what the erasing source sent after it by number. */
export const erase = (student: Student, erasure: Item): void => {
  const { event } = erasure
  const { sequence } = event
  const stays = (name: string, number: bigint | null) =>
    sequence !== null && name === event.source && number !== null && number > sequence
  const letters = openLetters(student)
  student.waiting = student.waiting.filter(({ item }) => stays(item.event.source, item.event.sequence))
  const remain = [erasure, ...student.waiting.map(({ item }) => item)]
  student.heard = student.heard.filter(({ record }) => remain.some((item) => item.record === record))
  for (const { source, sequence: number } of letters) {
    if (source !== null && typeof number === 'bigint' && stays(source, number)) passOver(student, source, number)
  }
  for (const letter of letters) letter.settled = true
  const flood = settleFlood(student)
  for (const [name, source] of student.sources) {
    const erasing = name === event.source && sequence !== null
    const goesOnAfter = erasing ? sequence : source.highest
    if (goesOnAfter > source.applied) source.applied = goesOnAfter
  }
  for (const letter of [...letters, ...flood]) letGoOne(student, letter)
}

/** A letter whose number could not be read stands for one number of its source. */
export const letGoOne = (student: Student, { source: name, sequence }: Letter): void => {
  if (name === null || sequence !== 'unreadable' || !student.sources.has(name)) return
  const [missing] = missingNumbers(student, name, 1)
  if (missing === undefined) sourceOf(student, name).owed += 1
  else letGo(student, name, missing, missing)
}
