import type { EnrolmentView } from '../../../projections/answers/view.ts'
import { remarksOf } from '../../../projections/fees/remarks.ts'
import { statementOf } from '../../../projections/fees/statement.ts'
import { suspectReasonsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Enrolment } from '../../../projections/state/student.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { formatRupees } from '../../../projections/values/money.ts'
import { freshnessText, type StudentReading } from '../../audit/read-student.ts'
import type { Config } from '../../config/load.ts'
import { statementLines } from './money-text.ts'
import { lookupText, standingText, todayIn } from './standing.ts'
import { enrolmentText, placeText, suspectReasonText } from './suspect-reason-text.ts'

/** A student as a person reads it. */
export const showLines = (identifier: StudentId, look: StudentReading, config: Config): readonly string[] => {
  const nowMs = Date.now()
  const { known } = look
  const lines = [
    `${identifier}  (partition ${look.partition} of ${config.topic.partitions})`,
    `  log      ${freshnessText(look)}`,
  ]
  if (!known) return [...lines, '  unknown  the projection does not know this student: pulls go to the ERP']
  const { state, answers } = known
  if (state.erased) lines.push('  erased   nothing counts until the student is enrolled anew')
  lines.push(
    `  last     ${answers.last ? `the last event in the answers is ${placeText(answers.last)}` : 'no event had an effect'}`,
  )
  lines.push(`  pull     by the identifier alone: ${lookupText(look, identifier, nowMs)}`)
  const doubts = suspectReasonsOf(state).map(suspectReasonText)
  lines.push(doubts.length === 0 ? '  suspect  no' : '  suspect  yes: the projection does not answer, because')
  for (const { why, heals } of doubts) lines.push(`    ${why}`, `      heals: ${heals}`)
  state.enrolments.forEach((enrolment, index) => {
    lines.push(
      '',
      ...enrolmentLines(enrolment, known, answers.enrolments[index]!, config, nowMs).map((line) => `  ${line}`),
    )
  })
  lines.push('', '  sources')
  for (const [
    source,
    {
      numbers: { applied, highest },
    },
  ] of state.sources)
    lines.push(
      `    ${source}: ${highest === 0n ? 'without numbers' : `applied up to #${applied}, seen up to #${highest}`}`,
    )
  return lines
}

const WANTED = {
  settled: 'the enrolment is unsettled',
  assessed: 'fees have not been assessed yet',
  agreeing: 'the facts do not add up',
  rendered: 'the answer of this day could not be made',
} as const

const enrolmentLines = (
  enrolment: Enrolment,
  { answerOf }: NonNullable<StudentReading['known']>,
  view: EnrolmentView<Buffer>,
  config: Config,
  nowMs: number,
): readonly string[] => {
  const { profile, discounts, charges, payments } = enrolment
  const { body, wants } = answerOf(view, nowMs)
  const today = todayIn(config, nowMs)
  return [
    `${enrolmentText(enrolment.key)}–${enrolment.yearEnd}: ${standingText(enrolment.standing, today)}, belongs to ${enrolment.owner}`,
    `  ${profile.fullname}${profile.custom_identifier ? `, also known as ${profile.custom_identifier}` : ''}`,
    ...statementLines(statementOf(enrolment, config.policy, today)).map((line) => `  ${line}`),
    ...discounts.map(
      ({ discount_id, component_type, amount, percent }) =>
        `  discount ${discount_id}: ${amount === undefined ? `${(percent ?? 0) / 10_000} %` : formatRupees(amount)} of ${component_type}`,
    ),
    ...charges.map(
      ({ charge_id, component_type, amount, reference_id, due_date }) =>
        `  charge ${charge_id}: ${formatRupees(amount)} of ${component_type}, ${due_date === undefined ? `in ${reference_id}` : `due ${due_date}`}`,
    ),
    ...payments.map(
      ({ payment_id, amount, paid_on, status, collected_by }) =>
        `  payment ${payment_id}: ${formatRupees(amount)} on ${paid_on}, collected by ${collected_by}${status === 'pending' ? ', pending' : ''}`,
    ),
    ...remarksOf(enrolment, config.policy, today).map((remark) => `  ${remark}`),
    `  answers ${body === null ? `nothing: ${WANTED[wants ?? 'agreeing']}` : body.toString()}`,
  ]
}
