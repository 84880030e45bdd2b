import { changeLines, wouldChangeLines } from './change-lines.ts'
import type { StepReport } from './step.ts'

/** One step as a person reads it: the event, what became of it, what it changed, the money after it, what is in doubt. */
export const stepLines = (step: StepReport): readonly string[] => {
  const number = step.sequence === null ? '' : ` #${step.sequence}`
  const lines = [
    `${step.at}  ${step.time ?? step.recorded_at}  ${step.type}  ${step.source ?? '?'}${number}  ${step.outcome}`,
  ]
  const add = (text: string): void => {
    lines.push(`    ${text}`)
  }
  if (step.moved_from) add(`was published to a wrong partition, at ${step.moved_from}`)
  if (step.detail) add(step.detail)
  for (const { at, type, source, sequence, outcome, detail } of step.resumed) {
    const who = `${source ? ` of ${source}` : ''}${sequence ? ` #${sequence}` : ''}`
    add(`then ${at} ${type}${who}: ${outcome}${detail ? ` (${detail})` : ''}`)
  }
  changeLines(step.changes).forEach(add)
  if (step.would_change) wouldChangeLines(step.would_change).forEach(add)
  for (const { enrolment, line } of step.money) add(`= ${step.money.length > 1 ? `${enrolment}: ` : ''}${line}`)
  for (const { why, heals } of step.reasons ?? []) {
    add(`? ${why}`)
    add(`  heals: ${heals}`)
  }
  if (step.reasons?.length === 0) add('healed: nothing is in doubt')
  return lines
}
