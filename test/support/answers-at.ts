import { answerAt } from '../../consumers/stored/answer-at.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import {
  ALWAYS_VALID,
  type EnrolmentView,
  type Rendering,
  type StudentAnswers,
} from '../../projections/answers/view.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** What a record answers at a moment, enrolment by enrolment, also where the answer is not stored. */
export const answersAt = (
  record: Uint8Array,
  identifier: StudentId,
  rendering: Rendering,
  nowMs: number,
): StudentAnswers<Buffer> => {
  const answers = decodeRecord(record)
  const at = (view: EnrolmentView<Buffer>): EnrolmentView<Buffer> => ({
    ...view,
    now: answerAt(record, identifier, view, rendering, nowMs),
    valid: ALWAYS_VALID,
    later: null,
  })
  return { ...answers, enrolments: answers.enrolments.map(at) }
}
