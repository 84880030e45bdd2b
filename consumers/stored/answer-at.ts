import {
  type EnrolmentView,
  type Phase,
  phaseAt,
  phaseFromState,
  type Rendering,
} from '../../projections/answers/view.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { stateOf } from './record.ts'

/**
 * What an enrolment answers at a moment: the stored answer where it is valid then, else one made of the state in the same
 * record by the function that makes the stored ones.
 *
 * @param view one of those that `decodeRecord` reads from the record
 */
export const answerAt = (
  record: Uint8Array,
  identifier: StudentId,
  view: EnrolmentView<Buffer>,
  rendering: Rendering,
  nowMs: number,
): Phase<Buffer> => {
  const stored = phaseAt(view, nowMs)
  if (stored.wants !== 'rendered') return stored
  const made = phaseFromState(decodeState(stateOf(record)), view, identifier, rendering, nowMs)
  return made ? { ...made, body: made.body === null ? null : Buffer.from(made.body) } : stored
}
