import { isAfter } from './clock.ts'
import { type Item, isHeld, missingNumbers, type Student, sourceOf } from './student.ts'
import type { Bad, DetailFamily, Event } from './types.ts'

/** The same record again, by id and content, is a duplicate of its dead letter, settled or not. */
export const hasTwin = (student: Student, event: Event | Bad): boolean =>
  event.content !== null &&
  student.letters.some(
    (letter) => letter.source === event.source && letter.id === event.id && letter.content === event.content,
  )

/** What is remembered, or waits, under the same source and id. */
export const known = (student: Student, { source, id }: Event) =>
  [...student.remembered, ...student.waiting.map(({ item }) => item.event)].filter(
    (one) => one.source === source && one.id === id,
  )

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
    if (missing < number) source.letGo.add(missing)
  }
  source.owed = 0
  skipNumbers(student)
}

export const judge = (student: Student, item: Item): 'accept' | 'duplicate' | DetailFamily => {
  const { event, record } = item
  if (known(student, event).length > 0) return 'id_reused'
  const source = sourceOf(student, event.source)
  const { sequence } = event
  if (sequence === null) {
    const needsSequence = event.payload.type !== 'snapshot' && event.payload.type !== 'erased'
    if (needsSequence && source.highest > 0n) return 'sequence_missing'
    const { newestTimestamp } = source
    if (item.rerouted && newestTimestamp !== null && record.timestampMs < newestTimestamp) return 'overtaken'
    return 'accept'
  }
  if (source.letGo.has(sequence)) return 'number_let_go'
  const taken = [
    ...student.remembered.filter((one) => one.source === event.source).map((one) => one.number),
    ...student.waiting.filter((one) => one.item.event.source === event.source).map((one) => one.item.event.sequence),
  ]
  if (taken.includes(sequence)) return 'number_reused'
  if (sequence > source.applied) return 'accept'
  const limit = source.floor !== null && sequence < source.floor.below ? source.floor.time : source.lastTime
  return limit !== null && !isAfter(event.time, limit) ? 'duplicate' : 'late_number'
}

/** Numbers that were let go, or ignored before their turn, have it now. */
export const skipNumbers = (student: Student): void => {
  for (const [name, source] of student.sources) {
    const isSkipped = (number: bigint) =>
      (source.letGo.has(number) || (student.erased && source.passed.has(number))) && !isHeld(student, name, number)
    while (isSkipped(source.applied + 1n)) source.applied += 1n
  }
}
