import { later } from './clock.ts'
import { effectOf } from './facts.ts'
import { enrolsAnew, isIgnored, isSame, refuse } from './letters.ts'
import { erase, settleBySnapshot } from './settle.ts'
import {
  cappedTime,
  forgetHeard,
  hasRoomFor,
  type Item,
  MOST_REMEMBERED,
  MOST_WAITING,
  type Student,
  sourceOf,
} from './student.ts'

type Effect = ReturnType<typeof effectOf>

/** An accepted event closes the poison that had its id or its number. */
export const remember = (student: Student, item: Item): void => {
  const { event } = item
  const { source, id, content, sequence } = event
  const all = [
    ...student.remembered,
    { source, id, content, number: sequence, time: cappedTime(event.time, item.record) },
  ]
  student.remembered = all.slice(-MOST_REMEMBERED)
  for (const gone of all.slice(0, -MOST_REMEMBERED)) {
    const publisher = student.sources.get(gone.source)
    if (publisher)
      publisher.forgotten = publisher.forgotten === null ? gone.time : later(publisher.forgotten, gone.time)
  }
  for (const letter of student.letters) {
    const same = letter.id === id || (sequence !== null && letter.sequence === sequence)
    if (letter.reason !== 'conflict' && letter.source === source && same) letter.settled = true
  }
  student.heard = [...student.heard, { ...event, record: item.record }]
}

export const takeTurn = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  const { payload, sequence } = event
  const wasHeld = student.waiting.some((waiting) => waiting.item === item)
  const ignored = isIgnored(student, event) && payload.type !== 'erased'
  const effect: Effect = ignored
    ? { kind: 'ignored', enrolments: student.enrolments }
    : effectOf(student.enrolments, payload, contextOf(student, item, timezone))
  if (effect.kind === 'poison') {
    stopWaiting(student, item)
    forget(student, item)
    refuse(student, item, 'poison', effect.family)
    return
  }
  if (effect.kind === 'orphan' && !wasHeld && !isAwaited(student, item) && student.waiting.length >= MOST_WAITING) {
    refuse(student, item, 'overflow', 'overflow')
    return
  }
  if (!wasHeld) remember(student, item)
  if (ignored || payload.type === 'foreign') forgetHeard(student, [item])
  stopWaiting(student, item)
  if (payload.type === 'snapshot') settleBySnapshot(student, item, payload)
  if (payload.type === 'erased') erase(student, item)
  if (hasRoomFor(student, event.source) || payload.type === 'snapshot') {
    const source = sourceOf(student, event.source)
    if (sequence !== null && sequence > source.applied) source.applied = sequence
    if (sequence !== null && sequence > source.highest) source.highest = sequence
    source.lastTime = event.time
  }
  if (effect.kind === 'orphan') {
    student.waiting = [...student.waiting, { item, as: 'orphan' }]
    item.tell('orphan')
  } else finish(student, item, effect)
}

const contextOf = (student: Student, { event: { source, time } }: Item, timezone: string) => ({
  source,
  time,
  timezone,
  count: student.count + 1,
})

/** The next number of its source is what the held ones wait for: it always finds room. */
const isAwaited = (student: Student, { event }: Item): boolean =>
  event.sequence !== null &&
  student.waiting.some(({ item: held, as }) => as === 'held' && held.event.source === event.source)

const finish = (student: Student, item: Item, effect: Extract<Effect, { enrolments: unknown }>): void => {
  const { event, record } = item
  if (event.payload.type === 'erased') Object.assign(student, { erased: true, enrolledAnew: null })
  else if (student.erased && enrolsAnew(event)) {
    Object.assign(student, { erased: false, enrolledAnew: cappedTime(event.time, record) })
  }
  student.enrolments = effect.enrolments
  student.count += 1
  const source = student.sources.get(event.source)
  if (source) source.newestTimestamp = Math.max(source.newestTimestamp ?? record.timestampMs, record.timestampMs)
  item.tell(effect.kind)
}

/** It is poison after all: its id is not remembered as seen. */
const forget = (student: Student, item: Item): void => {
  student.remembered = student.remembered.filter((one) => !isSame(one, item.event))
  forgetHeard(student, [item])
}

const stopWaiting = (student: Student, item: Item): void => {
  student.waiting = student.waiting.filter((waiting) => waiting.item !== item)
}

/** It has had its turn in the sequence already: only its effect was waiting. */
export const applyOrphan = (student: Student, item: Item, timezone: string): void => {
  const effect = effectOf(student.enrolments, item.event.payload, contextOf(student, item, timezone))
  if (effect.kind === 'orphan') return
  stopWaiting(student, item)
  if (effect.kind !== 'poison') return finish(student, item, effect)
  forget(student, item)
  refuse(student, item, 'poison', effect.family)
}
