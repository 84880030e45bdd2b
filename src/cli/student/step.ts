import { inWords } from '../../../consumers/events/reject-reasons.ts'
import type { HistoryStep } from '../../../consumers/history/history.ts'
import type { Rendering } from '../../../projections/answers/view.ts'
import type { Policy } from '../../../projections/fees/policy.ts'
import { statementOf } from '../../../projections/fees/statement.ts'
import { isSuspect, suspectReasonsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { IsoDate } from '../../../projections/values/ids.ts'
import { type Change, changesOf } from './changes.ts'
import { dueLine, statementJson } from './money-text.ts'
import { changesBySnapshot, isStaleSnapshot } from './refused-snapshot.ts'
import { enrolmentText, placeText, type SuspectReasonText, suspectReasonText } from './suspect-reason-text.ts'

/** One step of a student's history in its output form. */
export type StepReport = {
  readonly at: string
  readonly recorded_at: string
  readonly moved_from: string | null
  readonly id: string | null
  readonly source: string | null
  readonly type: string
  readonly sequence: string | null
  readonly time: string | null
  readonly outcome: string
  /** Why it is a dead letter. */
  readonly detail: string | null
  /** Earlier events that had waited, and had their turn now. */
  readonly resumed: readonly Resumed[]
  readonly changes: readonly Change[]
  /** What a snapshot that was refused as stale would have changed; `null` for any other event. */
  readonly would_change: readonly Change[] | null
  readonly money: readonly { readonly enrolment: string; readonly line: string; readonly statement: object }[]
  readonly suspect: boolean
  /** Told where they have changed. */
  readonly reasons: readonly SuspectReasonText[] | null
}

type Resumed = {
  readonly at: string
  readonly type: string
  readonly source: string | null
  readonly sequence: string | null
  readonly outcome: string
  readonly detail: string | null
}

export const reportStep = (
  { place, record, timestampMs, attributes, movedFrom, outcomes, deadLetters, before, after }: HistoryStep,
  { policy, calendar }: Rendering,
  waiting: ReadonlyMap<string, StepReport>,
): StepReport => {
  const at = placeText(place)
  const own = outcomes.filter((note) => placeText(note.place) === at)
  const reasons = suspectReasonsOf(after).map(suspectReasonText)
  const told = JSON.stringify(reasons) !== JSON.stringify(suspectReasonsOf(before).map(suspectReasonText))
  const changes = changesOf(before, after)
  const detailAt = (where: string): string | null => {
    const letter = deadLetters.find((one) => placeText(one.place) === where)
    return letter ? inWords(letter) : null
  }
  return {
    at,
    recorded_at: new Date(timestampMs).toISOString(),
    moved_from: movedFrom && placeText(movedFrom),
    id: textOf(attributes?.id),
    source: textOf(attributes?.source),
    type: textOf(attributes?.type) ?? own[0]?.type ?? 'unknown',
    sequence: textOf(attributes?.sequence),
    time: textOf(attributes?.time),
    outcome: own.map(({ outcome }) => outcome).join(', then ') || 'ignored',
    detail: detailAt(at),
    resumed: outcomes
      .filter((note) => placeText(note.place) !== at)
      .map(({ place: where, type, outcome }) => {
        const earlier = waiting.get(placeText(where))
        return {
          at: placeText(where),
          type: earlier?.type ?? type,
          source: earlier?.source ?? null,
          sequence: earlier?.sequence ?? null,
          outcome,
          detail: detailAt(placeText(where)),
        }
      }),
    changes,
    would_change: isStaleSnapshot(detailAt(at)) ? changesBySnapshot(after, record, calendar) : null,
    money: changes.length > 0 ? moneyOf(after, policy, calendar.dayAt(timestampMs)) : [],
    suspect: isSuspect(after),
    reasons: told ? reasons : null,
  }
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null

const moneyOf = (student: Student, policy: Policy, day: IsoDate): StepReport['money'] =>
  student.enrolments.map((enrolment) => {
    const statement = statementOf(enrolment, policy, day)
    return { enrolment: enrolmentText(enrolment.key), line: dueLine(statement), statement: statementJson(statement) }
  })
