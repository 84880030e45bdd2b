import { summaryAt } from '../../projections/answers/subject.ts'
import type { AnswerChange, AnswerSummary } from '../../projections/answers/summary.ts'
import { type Rendering, viewAt } from '../../projections/answers/view.ts'
import type { Student } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { compareKept, decodeRecentAnswers, type KeptAnswer } from '../stored/recent-answer.ts'

/** Tells, record by record, which of a student's recent answers are changed. */
export type AnswerChanges = {
  readonly step: (before: Student, after: Student) => void
  readonly changes: readonly AnswerChange[]
}

/** What a student was answered lately, and how long that counts. */
export type RecentLines = { readonly lines: string; readonly watchMs: number; readonly nowMs: number }

/**
 * An answer counts once as it changes, and once more where the kind of its change becomes another. A state that answers
 * nothing, because its facts do not add up yet, is passed over: the schedule of a changed fee is on its way.
 *
 * @returns `null` where nothing was answered lately, as with most students
 */
export const answerChanges = (
  { lines, watchMs, nowMs }: RecentLines,
  identifier: StudentId,
  rendering: Rendering,
): AnswerChanges | null => {
  const kept = decodeRecentAnswers(lines).filter(({ keptAtMs }) => nowMs - keptAtMs <= watchMs)
  if (kept.length === 0) return null
  const changes: AnswerChange[] = []
  const standing: (AnswerChange | null)[] = []
  const view = (student: Student): ((answer: KeptAnswer) => AnswerSummary | null) => {
    const answers = viewAt(student, identifier, rendering, nowMs)
    return ({ subject }) => summaryAt(answers, identifier, subject, nowMs)
  }
  return {
    changes,
    step: (before, after) => {
      if (before === after) return
      const now = view(after)
      const was = standing.length === 0 ? view(before) : null
      for (const [index, answer] of kept.entries()) {
        if (was) standing[index] = changeOf(answer, was(answer)) ?? null
        const change = changeOf(answer, now(answer))
        if (change === undefined) continue
        if (change !== null && change !== standing[index]) changes.push(change)
        standing[index] = change
      }
    },
  }
}

/** `undefined`: nothing is answered. */
const changeOf = (answer: KeptAnswer, now: AnswerSummary | null): AnswerChange | null | undefined =>
  now === null ? undefined : compareKept(answer, now)
