import type { Enrolments } from './facts.ts'
import { keyOf } from './payload-place.ts'
import type { Waiting } from './student.ts'

/** The enrolments that an orphan waits for. */
export const awaits = (enrolments: Enrolments, { item, as }: Waiting): readonly string[] => {
  const { payload } = item.event
  if (as !== 'orphan' || !('changes' in payload || 'place' in payload)) return []
  const changes = payload.type === 'changed' ? payload.changes : 'place' in payload ? [payload] : []
  const exists = new Set(enrolments.keys())
  return changes.flatMap((change) => {
    const key = keyOf(change.place)
    const isMissing = change.type !== 'enrolled' && !exists.has(key)
    exists.add(key)
    if (change.type === 'transferred') exists.add(keyOf(change.to))
    return isMissing ? [key] : []
  })
}
