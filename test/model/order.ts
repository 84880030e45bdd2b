import { effectOf } from './facts.ts'
import { hasTwin, judge, known, noteNumber, skipNumbers } from './judge.ts'
import { keyOf } from './payload.ts'
import { erase, settleBySnapshot } from './settle.ts'
import { type Item, type Letter, MOST_REMEMBERED, MOST_WAITING, type Student, sourceOf } from './student.ts'
import type { Bad, DetailFamily, Event, LogRecord, Outcome, Reason } from './types.ts'

/** An event of the log reaches its student. */
export const arrive = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  if (hasTwin(student, event) || known(student, event).some(({ content }) => content === event.content)) {
    item.tell('duplicate')
    return
  }
  if (event.sequence !== null) noteNumber(student, event.source, event.sequence)
  const verdict = judge(student, item)
  if (verdict === 'duplicate') item.tell('duplicate')
  else if (verdict !== 'accept') refuse(student, item, 'conflict', verdict)
  else accept(student, item, timezone)
  drain(student, timezone)
}

/** A bad record reaches its student. */
export const arriveBad = (
  student: Student,
  bad: Bad,
  record: LogRecord,
  tell: (outcome: Outcome) => void,
  tz: string,
) => {
  if (hasTwin(student, bad)) {
    tell('duplicate')
    return
  }
  const numbered = bad.source !== null && typeof bad.sequence === 'bigint'
  if (numbered) noteNumber(student, bad.source as string, bad.sequence as bigint)
  if (student.erased) {
    if (numbered) sourceOf(student, bad.source as string).passed.add(bad.sequence as bigint)
    tell('ignored')
  } else {
    student.letters.push({ ...bad, record, reason: 'poison', settled: false, tell })
    tell('poison')
  }
  drain(student, tz)
}

/** Until a student that was erased is enrolled anew, everything else is ignored. */
const isIgnored = (student: Student, { payload }: Event): boolean =>
  student.erased && !(payload.type === 'enrolled' || (payload.type === 'snapshot' && payload.listed.length > 0))

const refuse = (student: Student, item: Item, reason: Reason, family: DetailFamily): void => {
  const { event } = item
  if (isIgnored(student, event)) {
    if (event.sequence !== null) sourceOf(student, event.source).passed.add(event.sequence)
    item.tell('ignored')
    return
  }
  const { source, id, sequence, content } = event
  student.letters.push({
    record: item.record,
    reason,
    family,
    student: student.identifier,
    source,
    id,
    sequence,
    content,
    tell: item.tell,
    settled: false,
  })
  item.tell(reason === 'conflict' ? 'conflict' : 'poison')
}

/** Neither a repeat nor a conflict: it is applied, or waits, or there is no more room. */
export const accept = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  const { sequence, payload } = event
  const atOnce = payload.type === 'snapshot' || payload.type === 'erased'
  const isEarly = !atOnce && sequence !== null && sequence > sourceOf(student, event.source).applied + 1n
  if (!isEarly) {
    takeTurn(student, item, timezone)
    return
  }
  if (student.waiting.length >= MOST_WAITING) {
    refuse(student, item, 'overflow', 'overflow')
    return
  }
  remember(student, event)
  student.waiting.push({ item, as: 'held' })
  item.tell('held')
}

/** An accepted event closes the poison that had its id or its number. */
const remember = (student: Student, event: Event): void => {
  const { source, id, content, sequence } = event
  student.remembered = [...student.remembered, { source, id, content, number: sequence }].slice(-MOST_REMEMBERED)
  for (const letter of student.letters) {
    const same = letter.id === id || (sequence !== null && letter.sequence === sequence)
    if (letter.reason !== 'conflict' && letter.source === source && same) letter.settled = true
  }
}

const takeTurn = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  const wasHeld = student.waiting.some((waiting) => waiting.item === item)
  const ignored = isIgnored(student, event) && event.payload.type !== 'erased'
  const effect = ignored
    ? ({ kind: 'ignored', enrolments: student.enrolments } as const)
    : effectOf(student.enrolments, event.payload, {
        source: event.source,
        time: event.time,
        timezone,
        count: student.count + 1,
      })
  if (effect.kind === 'poison') {
    stopWaiting(student, item)
    student.remembered = student.remembered.filter((one) => !isSame(one, event))
    refuse(student, item, 'poison', effect.family)
    return
  }
  if (effect.kind === 'orphan') {
    const awaited =
      event.sequence !== null &&
      student.waiting.some(({ item: held, as }) => as === 'held' && held.event.source === event.source)
    if (!wasHeld && !awaited && student.waiting.length >= MOST_WAITING) {
      refuse(student, item, 'overflow', 'overflow')
      return
    }
  }
  if (!wasHeld) remember(student, event)
  stopWaiting(student, item)
  if (event.payload.type === 'snapshot') settleBySnapshot(student, event, event.payload)
  if (event.payload.type === 'erased') erase(student, event)
  const source = sourceOf(student, event.source)
  if (event.sequence !== null && event.sequence > source.applied) source.applied = event.sequence
  source.lastTime = event.time
  if (effect.kind === 'orphan') {
    student.waiting.push({ item, as: 'orphan' })
    item.tell('orphan')
    return
  }
  if (!isIgnored(student, event)) student.erased = false
  if (event.payload.type === 'erased') student.erased = true
  finish(student, item, effect)
}

const finish = (
  student: Student,
  item: Item,
  effect: Extract<ReturnType<typeof effectOf>, { enrolments: unknown }>,
) => {
  const source = sourceOf(student, item.event.source)
  student.enrolments = effect.enrolments
  student.count += 1
  source.newestTimestamp = Math.max(source.newestTimestamp ?? item.record.timestampMs, item.record.timestampMs)
  item.tell(effect.kind)
}

const isSame = (one: Event | Student['remembered'][number], event: Event): boolean =>
  one.source === event.source && one.id === event.id && one.content === event.content

const stopWaiting = (student: Student, item: Item): void => {
  student.waiting = student.waiting.filter((waiting) => waiting.item !== item)
}

/** After each applied event: first the orphans whose enrolment now exists, in order of arrival, then the next held one. */
export const drain = (student: Student, timezone: string): void => {
  for (;;) {
    const orphan = student.waiting.find(({ item, as }) => as === 'orphan' && hasEnrolment(student, item.event))
    if (orphan !== undefined) {
      applyOrphan(student, orphan.item, timezone)
      continue
    }
    skipNumbers(student)
    const next = student.waiting.find(
      ({ item: { event }, as }) => as === 'held' && event.sequence === sourceOf(student, event.source).applied + 1n,
    )
    if (next === undefined) return
    takeTurn(student, next.item, timezone)
  }
}

const hasEnrolment = (student: Student, { payload }: Event): boolean =>
  'place' in payload && student.enrolments.has(keyOf(payload.place))

/** It has had its turn in the sequence already: only its effect was waiting. */
const applyOrphan = (student: Student, item: Item, timezone: string): void => {
  const { payload, source, time } = item.event
  const effect = effectOf(student.enrolments, payload, { source, time, timezone, count: student.count + 1 })
  stopWaiting(student, item)
  if (effect.kind === 'poison') {
    student.remembered = student.remembered.filter((one) => !isSame(one, item.event))
    refuse(student, item, 'poison', effect.family)
    return
  }
  if (effect.kind !== 'orphan') finish(student, item, effect)
}

/** A dead letter's record as an event again, at the place in the log where the operator decided. */
export const replayItem = (letter: Letter, event: Event, arrival: number): Item => ({
  event,
  record: letter.record,
  rerouted: false,
  arrival,
  tell: letter.tell,
})
