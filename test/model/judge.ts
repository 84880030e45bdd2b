import { isAfter } from './clock.ts'
import { endOfInterval } from './intervals.ts'
import { cappedTime, type Heard, type Item, peekSource, type Student } from './student.ts'
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

export const judge = (student: Student, item: Item): 'accept' | 'duplicate' | DetailFamily => {
  const { event } = item
  if (known(student, event).length > 0) return 'id_reused'
  const byNumber = event.sequence === null ? judgeUnnumbered(student, item) : judgeNumber(student, event)
  return byNumber === 'accept' ? judgeTime(student, item) : byNumber
}

const judgeUnnumbered = (student: Student, { event, record, rerouted }: Item): 'accept' | DetailFamily => {
  const { highest, newestTimestamp } = peekSource(student, event.source)
  const needsSequence = event.payload.type !== 'snapshot' && event.payload.type !== 'erased'
  if (needsSequence && highest > 0n) return 'sequence_missing'
  const overtaken = rerouted && newestTimestamp !== null && record.timestampMs < newestTimestamp
  return overtaken ? 'overtaken' : 'accept'
}

const judgeNumber = (student: Student, event: Event): 'accept' | 'duplicate' | DetailFamily => {
  const source = peekSource(student, event.source)
  const sequence = event.sequence as bigint
  if (endOfInterval(source.letGo, sequence) !== null) return 'number_let_go'
  const taken = [
    ...student.remembered.filter((one) => one.source === event.source).map((one) => one.number),
    ...student.waiting.filter((one) => one.item.event.source === event.source).map((one) => one.item.event.sequence),
  ]
  if (taken.includes(sequence)) return 'number_reused'
  if (sequence > source.applied) return 'accept'
  const limit = source.floor !== null && sequence < source.floor.below ? source.floor.time : source.lastTime
  return limit !== null && !isAfter(event.time, limit) ? 'duplicate' : 'late_number'
}

/** Too late to tell. An erasure is too late only where it may be the one that a new enrolment has followed. */
const judgeTime = (student: Student, { event, record }: Item): 'accept' | DetailFamily => {
  const time = cappedTime(event.time, record)
  if (event.payload.type === 'erased') {
    const { enrolledAnew } = student
    return enrolledAnew !== null && !isAfter(time, enrolledAnew) ? 'too_old' : 'accept'
  }
  if (student.replaced.has(event.source)) return 'replaced_source'
  const { forgotten } = peekSource(student, event.source)
  if (event.sequence === null && forgotten !== null && !isAfter(time, forgotten)) return 'too_old'
  const { payload } = event
  if (payload.type !== 'snapshot') return 'accept'
  const lists = new Set(event.about)
  const wouldUndo = heardOf(student).some((heard) => {
    if (!isAfter(cappedTime(heard.time, heard.record), time)) return false
    if (heard.source === event.source) return event.sequence === null
    return heard.about === 'all' || heard.about.some((key) => lists.has(key))
  })
  return wouldUndo ? 'stale_snapshot' : 'accept'
}

/** What a snapshot must not undo: what was applied, what waits, and open dead letters. */
const heardOf = ({ heard, letters, uncounted }: Student): readonly Heard[] => [
  ...heard,
  ...[...letters, ...uncounted].filter(({ settled }) => !settled),
]
