import type { Envelope } from '../events/event.ts'
import { see } from '../state/seen.ts'
import type { Student } from '../state/student.ts'
import type { Instant } from '../values/ids.ts'
import { later } from '../values/moment.ts'
import { changeSource } from './sources.ts'

/**
 * The ids of the last 256 accepted events of the student. For a forgotten id the source keeps the event's time: an
 * older event may be a repetition of it.
 */
export const remembered = (student: Student, envelope: Envelope, sourceId: number, at: Instant): Student => {
  const { seen, forgotten } = see(student.seen, envelope, sourceId, envelope.sequence, at)
  const known = { ...student, seen }
  const name = forgotten && nameOfSource(student, forgotten.sourceId)
  if (forgotten === null || name === null) return known
  return changeSource(known, name, (state) => ({ ...state, forgottenAt: later(forgotten.at, state.forgottenAt) }))
}

const nameOfSource = (student: Student, id: number): string | null => {
  for (const [name, state] of student.sources) if (state.id === id) return name
  return null
}
