import { awaits } from './awaited.ts'
import { hasTwin, judge, known } from './judge.ts'
import { addLetter, refuse } from './letters.ts'
import { noteNumber, passOver, skipNumbers } from './numbers.ts'
import { hasRoomFor, type Item, MOST_WAITING, peekSource, type Student, sourceOf } from './student.ts'
import { applyOrphan, remember, takeTurn } from './turn.ts'
import type { Bad, LogRecord, Outcome } from './types.ts'

/** An event of the log reaches its student. */
export const arrive = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  if (hasTwin(student, event) || known(student, event).some(({ content }) => content === event.content)) {
    item.tell('duplicate')
    return
  }
  const isKnown = hasRoomFor(student, event.source)
  const needsNoRoom = event.payload.type === 'snapshot' || event.payload.type === 'erased'
  if (!isKnown && !needsNoRoom) {
    if (event.payload.type === 'foreign') item.tell('ignored')
    else refuse(student, item, 'overflow', 'overflow')
    return
  }
  if (event.sequence !== null && isKnown) noteNumber(student, event.source, event.sequence)
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
  timezone: string,
) => {
  if (hasTwin(student, bad)) {
    tell('duplicate')
    return
  }
  const { source, sequence } = bad
  if (source !== null && hasRoomFor(student, source)) {
    sourceOf(student, source)
    if (typeof sequence === 'bigint') noteNumber(student, source, sequence)
    if (typeof sequence === 'bigint' && student.erased) passOver(student, source, sequence)
  }
  if (student.erased) tell('ignored')
  else addLetter(student, { ...bad, record, reason: 'poison', settled: false, tell })
  drain(student, timezone)
}

/** Neither a repeat nor a conflict: it is applied, or waits, or there is no more room. */
export const accept = (student: Student, item: Item, timezone: string): void => {
  const { event } = item
  const { sequence, payload } = event
  const atOnce = payload.type === 'snapshot' || payload.type === 'erased'
  const isEarly = !atOnce && sequence !== null && sequence > peekSource(student, event.source).applied + 1n
  if (!isEarly) {
    takeTurn(student, item, timezone)
    return
  }
  if (student.waiting.length >= MOST_WAITING) {
    refuse(student, item, 'overflow', 'overflow')
    return
  }
  remember(student, item)
  student.waiting = [...student.waiting, { item, as: 'held' }]
  item.tell('held')
}

/** After each applied event: first the orphans whose enrolment now exists, in order of arrival, then the next held one. */
export const drain = (student: Student, timezone: string): void => {
  for (;;) {
    const orphan = student.waiting.find((one) => one.as === 'orphan' && awaits(student.enrolments, one).length === 0)
    if (orphan !== undefined) {
      applyOrphan(student, orphan.item, timezone)
      continue
    }
    skipNumbers(student)
    const next = student.waiting.find(
      ({ item: { event }, as }) => as === 'held' && event.sequence === peekSource(student, event.source).applied + 1n,
    )
    if (next === undefined) return
    takeTurn(student, next.item, timezone)
  }
}
