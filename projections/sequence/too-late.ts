import { keyOf } from '../events/enrolment-key.ts'
import { scopeOf } from '../events/scope-of.ts'
import { type About, type AppliedEvent, type Arrived, type Student, sourceOf } from '../state/student.ts'
import { aboutOf, concerning, happenedAt } from './about.ts'
import { isUnsettled } from './letters.ts'

/** Events that come too late to decide whether they still hold. An operator's decision is never too late. */
export type TooLate = {
  readonly detail: 'stale_snapshot' | 'too_old'
  /** The event that a stale snapshot would undo, as `partition:offset`. */
  readonly where?: string
}

export const isReplaced = (student: Student, event: Arrived): boolean =>
  student.replaced.includes(event.envelope.source) && !isErasure(event)

export const tooLate = (student: Student, event: Arrived): TooLate | null => {
  if (isErasure(event)) return isOldErasure(student, event) ? { detail: 'too_old' } : null
  const undoes = undoneBy(student, event)
  if (undoes !== null) return { detail: 'stale_snapshot', where: `${event.place.partition}:${undoes.offset}` }
  return mayBeForgotten(student, event) ? { detail: 'too_old' } : null
}

const isErasure = ({ fact }: Arrived): boolean => fact !== null && scopeOf(fact) === 'erasure'

/** It may be a repetition of the erasure from before the student was enrolled again. */
const isOldErasure = (student: Student, event: Arrived): boolean =>
  student.renewedAt !== null && happenedAt(event) <= student.renewedAt

/**
 * It may repeat an event whose id is forgotten; a number would decide. Of a forgotten source nothing is known, not even
 * its numbers.
 */
const mayBeForgotten = (student: Student, event: Arrived): boolean => {
  const { source, sequence } = event.envelope
  const state = student.sources.get(source)
  const forgottenAt = state ? state.forgottenAt : student.sourcesForgottenAt
  if (state && sequence !== null) return false
  return forgottenAt !== null && happenedAt(event) <= forgottenAt
}

/** The youngest event that a snapshot would undo; `null` where there is none, and for any other event. */
export const undoneBy = (student: Student, event: Arrived): Pick<AppliedEvent, 'offset'> | null => {
  if (event.fact?.type !== 'erp.student.snapshot.v1') return null
  const { source, sequence } = event.envelope
  const at = happenedAt(event)
  const isListed = concerning(event.fact.data.enrolments.map(keyOf))
  let youngest: SpokenEvent | null = null
  for (const spoken of spokenEvents(student, source)) {
    if (spoken.at <= (youngest?.at ?? at)) continue
    // Its own source's events are put in order by their numbers; without a number only the time is left.
    if (spoken.source === source ? sequence === null : isListed(spoken.about)) youngest = spoken
  }
  return youngest
}

type SpokenEvent = Omit<AppliedEvent, 'source'> & { readonly source: string | null; readonly about: About }

/** The events that a snapshot of `own` can come after: applied, waiting, or a dead letter. */
function* spokenEvents(student: Student, own: string): Generator<SpokenEvent> {
  const { newest } = sourceOf(student, own)
  if (newest) yield { ...newest, source: own, about: 'all' }
  for (const { about, events } of student.newest)
    for (const event of events) yield { ...event, about: about === 'all' ? about : [about] }
  for (const { event } of student.waiting)
    yield { source: event.envelope.source, at: happenedAt(event), offset: event.place.offset, about: aboutOf(event) }
  for (const letter of student.letters) if (isUnsettled(letter)) yield { ...letter, offset: letter.place.offset }
  for (const { source, newest: letter } of student.floods) yield { ...letter, source, about: 'all' }
}
