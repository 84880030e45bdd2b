import type { StudentStep } from '../../consumers/history/student-steps.ts'
import { type AnswerSubject, summaryAt } from '../../projections/answers/subject.ts'
import { type AnswerChange, type AnswerSummary, compareAnswers } from '../../projections/answers/summary.ts'
import { type Rendering, type StudentAnswers, viewAt } from '../../projections/answers/view.ts'
import { isSuspect } from '../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../projections/state/student.ts'
import type { IsoDate, StudentId } from '../../projections/values/ids.ts'
import { type EventSummary, eventOf } from './event-summary.ts'
import type { GivenAnswer } from './given-answer.ts'

/** What became of one answer. */
export type SupersededAnswer = {
  readonly identifier: StudentId
  readonly answer: GivenAnswer
  readonly change: AnswerChange
  /** The event since which it stands changed in this way. */
  readonly event: EventSummary
  /** The event that undid the change again. */
  readonly undoneBy: EventSummary | null
  /** `null`: nothing is answered, because the facts do not add up. */
  readonly now: AnswerSummary | null
}

/** A student whose sum now is in doubt. */
export type DoubtfulStudent = { readonly identifier: StudentId; readonly why: 'suspect' | 'incoherent' }

/** Follows the answers about one student through the student's steps, in the log's order. */
export type AnswerFollower = {
  readonly step: (step: StudentStep) => void
  readonly superseded: () => readonly SupersededAnswer[]
  readonly doubt: () => DoubtfulStudent | null
  /** Answers of the projection that are not what the log says of their moment. */
  readonly mismatches: () => readonly GivenAnswer[]
}

type Change = { readonly change: AnswerChange; readonly event: EventSummary }

/** `waiting`: the events so far are in the answer. `over`: the time in which a change counts has passed. */
type Followed = {
  readonly answer: GivenAnswer
  phase: 'waiting' | 'followed' | 'over'
  standing: AnswerChange | null
  run: Change | null
  undone: (Change & { readonly by: EventSummary }) | null
  now: AnswerSummary | null
  isMismatch: boolean
}

export type FollowerDeps = {
  readonly rendering: Rendering
  readonly watchMs: number
  readonly nowMs: number
  /** The fingerprint of what makes answers now: those that were made otherwise are no mismatch. */
  readonly signature: string
}

/**
 * An answer is held against what the same enrolment is answered with after each event that is not in it yet. A state that
 * answers nothing is passed over: the schedule of a changed fee is on its way. All states are asked of one day: now, or the
 * end of the time that counts, so that a day that passes is no change.
 */
export const followAnswers = (
  identifier: StudentId,
  answers: readonly GivenAnswer[],
  { rendering, watchMs, nowMs, signature }: FollowerDeps,
): AnswerFollower => {
  const all = answers.map(
    (answer): Followed => ({
      answer,
      phase: 'waiting',
      standing: null,
      run: null,
      undone: null,
      now: null,
      isMismatch: false,
    }),
  )
  let last: Student | null = null

  const dayOf = ({ answer }: Followed): number => Math.min(nowMs, answer.atMs + watchMs)

  const begin = (followed: Followed, before: Answering): void => {
    const { answer } = followed
    followed.phase = 'followed'
    followed.now = before(answer.subject, dayOf(followed))
    followed.standing = followed.now && compareAnswers(answer.summary, followed.now)
    if (answer.record.version === undefined || followed.standing === null) return
    if (answer.logged.mark?.signature !== signature) return
    const then = before(answer.subject, answer.atMs)
    followed.isMismatch = then === null || compareAnswers(answer.summary, then) !== null
  }

  const follow = (followed: Followed, after: Answering, event: EventSummary): void => {
    const before = followed.now
    const now = after(followed.answer.subject, dayOf(followed))
    followed.now = now
    if (now === null) return
    const change = compareAnswers(followed.answer.summary, now)
    // What an ERP said may differ from the start: then it is the event that has to change something.
    const isOwnChange =
      followed.run === null && change !== null && before !== null && compareAnswers(before, now) !== null
    if (change === followed.standing && !isOwnChange) return
    if (change === null) followed.undone = followed.run && { ...followed.run, by: event }
    followed.run = change && { change, event }
    followed.standing = change
  }

  return {
    step: (step) => {
      const { record, before, after } = step
      last = after
      const [answeringBefore, answeringAfter] = [before, after].map((one) => answering(one, identifier, rendering)) as [
        Answering,
        Answering,
      ]
      let event: EventSummary | null = null
      for (const followed of all) {
        const { answer } = followed
        if (followed.phase === 'over' || isBefore(record, answer)) continue
        // A publisher's clock that is ahead must not hide a change.
        if (Math.min(record.timestampMs, nowMs) > answer.atMs + watchMs) {
          followed.phase = 'over'
          continue
        }
        if (followed.phase === 'waiting') begin(followed, answeringBefore)
        if (before === after) continue
        event ??= eventOf(record)
        follow(followed, answeringAfter, event)
      }
    },
    superseded: () =>
      all.flatMap(({ answer, run, undone, now }): SupersededAnswer[] => {
        const found = run ?? undone
        if (found === null) return []
        const { change, event } = found
        return [{ identifier, answer, change, event, undoneBy: run === null ? undone!.by : null, now }]
      }),
    doubt: () => {
      if (last && isSuspect(last)) return { identifier, why: 'suspect' }
      const isUnanswered = all.some(
        ({ phase, now, answer }) => phase === 'followed' && now === null && answer.summary.payable !== null,
      )
      return isUnanswered ? { identifier, why: 'incoherent' } : null
    },
    mismatches: () => all.filter(({ isMismatch }) => isMismatch).map(({ answer }) => answer),
  }
}

/** What a student is answered on a subject at a moment; rendered once for each day. */
type Answering = (subject: AnswerSubject, atMs: number) => AnswerSummary | null

const answering = (student: Student, identifier: StudentId, rendering: Rendering): Answering => {
  const views = new Map<IsoDate, StudentAnswers>()
  return (subject, atMs) => {
    const day = rendering.calendar.dayAt(atMs)
    const view = views.get(day) ?? viewAt(student, identifier, rendering, atMs)
    views.set(day, view)
    return summaryAt(view, identifier, subject, atMs)
  }
}

/** By the offset where it is known; else by the time at which it was published. */
const isBefore = ({ offset, timestampMs }: StudentStep['record'], { applied, atMs }: GivenAnswer): boolean =>
  applied === null ? timestampMs <= atMs : offset < applied
