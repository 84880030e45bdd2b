import type { HistoryStep } from '../../../consumers/history/history.ts'
import type { Rendering } from '../../../projections/answers/view.ts'
import type { SupersededAnswer } from '../../answers/follow-answers.ts'
import type { GivenAnswer } from '../../answers/given-answer.ts'
import type { RemadeBody } from '../../answers/remake-body.ts'
import { reportStep, type StepReport } from '../student/step.ts'
import { supersededRow } from './superseded-row.ts'

/** An answer with what became of it. */
export type AnswerEntry = {
  readonly answer: GivenAnswer
  readonly superseded: SupersededAnswer | null
  /** `null`: was not asked for. */
  readonly body: RemadeBody | null
}

export const answerJson = ({ answer, superseded, body }: AnswerEntry) => {
  const row = superseded && supersededRow(superseded)
  return {
    kind: 'answer',
    ...answer.record,
    superseded: row && { change: row.change, event: row.event, now: row.now },
    ...(body && { body: bodyJson(body) }),
  }
}

const bodyJson = (body: RemadeBody) => {
  if (body.kind === 'hidden') return { verdict: 'same', why: HIDDEN }
  return body.kind === 'same' ? { verdict: body.kind, text: body.body } : { verdict: body.kind, why: body.why }
}

const HIDDEN = 'the student was erased since: it is not shown'

export const answerLines = ({ answer, superseded, body }: AnswerEntry): readonly string[] => {
  const { record } = answer
  const where = record.enrolment
    ? ` of ${record.enrolment.collector_code ?? 'no branch'} · grade ${record.enrolment.grade} · ${record.enrolment.academic_year_start}`
    : ''
  const sum = record.payable === undefined ? (record.code ?? '') : `owes ${record.payable}`
  const from = `${record.source}${record.reason ? `, reason ${record.reason}` : ''}${record.version ? `, version ${record.version}` : ''}`
  const lines = [
    `${record.at}  ANSWER ${record.status} ${sum}${where}`,
    `    to ${record.client}, request ${record.request_id}; from ${from}`,
  ]
  for (const { due_date, reference_id, amount } of record.instalments ?? [])
    lines.push(`    instalment ${due_date}${reference_id ? ` ${reference_id}` : ''}: ${amount}`)
  if (superseded !== null) {
    const { change, event, now } = supersededRow(superseded)
    const says = now === null ? 'nothing is answered' : (now.payable ?? now.code)
    lines.push(
      `    since ${event.at} ${event.type}: ${change}, now ${says}${event.undone_by ? `; undone by ${event.undone_by.at}` : ''}`,
    )
  }
  if (body !== null) lines.push(...bodyLines(body))
  return lines
}

const bodyLines = (body: RemadeBody): readonly string[] => {
  switch (body.kind) {
    case 'same':
      return ['    the bytes, made anew, are those that were sent:', `    ${body.body}`]
    case 'hidden':
      return [`    the bytes, made anew, are those that were sent; ${HIDDEN}`]
    case 'differs':
      return [`    the bytes, made anew, are NOT those that were sent: ${body.why}`]
    case 'unknown':
      return [`    the bytes cannot be made anew: ${body.why}`]
  }
}

/** Steps in the words of a student's history. What an erasure has forgotten is not shown: what it says of money stays. */
export const eventEntries = (
  steps: readonly HistoryStep[],
  rendering: Rendering,
): ReadonlyMap<HistoryStep, StepReport> => {
  const erasedAt = steps.findLastIndex(({ before, after }) => after.erased && !before.erased)
  const waiting = new Map<string, StepReport>()
  return new Map(
    steps.map((step, index) => {
      const told = reportStep(step, rendering, waiting)
      waiting.set(told.at, told)
      return [step, index <= erasedAt ? { ...told, changes: [] } : told]
    }),
  )
}
