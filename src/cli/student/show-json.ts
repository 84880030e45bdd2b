import type { EnrolmentView } from '../../../projections/answers/view.ts'
import { remarksOf } from '../../../projections/fees/remarks.ts'
import { statementOf } from '../../../projections/fees/statement.ts'
import { suspectReasonsOf } from '../../../projections/sequence/suspect-reasons.ts'
import { type Enrolment, type Student, statusOn } from '../../../projections/state/student.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { StudentReading } from '../../audit/read-student.ts'
import type { Config } from '../../config/load.ts'
import { rupees, statementJson } from './money-text.ts'
import { lookupText, todayIn } from './standing.ts'
import { placeText, suspectReasonText } from './suspect-reason-text.ts'

export const showJson = (identifier: StudentId, look: StudentReading, config: Config) => {
  const { partition, generation, applied, end, known } = look
  const fresh = applied !== null && applied >= end
  const head = { identifier, partition, generation, freshness: { applied, end, fresh }, known: known !== null }
  if (!known) return head
  const { state, answers } = known
  const nowMs = Date.now()
  return {
    ...head,
    suspect: answers.suspect,
    reasons: suspectReasonsOf(state).map(suspectReasonText),
    erased: state.erased,
    last: answers.last && placeText(answers.last),
    pull: lookupText(look, identifier, nowMs),
    enrolments: state.enrolments.map((enrolment, index) =>
      enrolmentJson(enrolment, known, answers.enrolments[index]!, config, nowMs),
    ),
    sources: [...state.sources].map(([source, { numbers }]) => ({
      source,
      applied: String(numbers.applied),
      highest: String(numbers.highest),
    })),
    waiting: waitingJson(state),
    letters: state.letters.map(({ place, reason, source, sequence, settled }) => ({
      at: placeText(place),
      reason,
      source,
      sequence: typeof sequence === 'bigint' ? String(sequence) : sequence,
      settled,
    })),
  }
}

const waitingJson = (state: Student) =>
  state.waiting.map(({ kind, event: { place, fact, envelope } }) => ({
    at: placeText(place),
    why: kind,
    type: fact?.type ?? 'unknown',
    source: envelope.source,
    sequence: envelope.sequence === null ? null : String(envelope.sequence),
  }))

const enrolmentJson = (
  enrolment: Enrolment,
  { answerOf }: NonNullable<StudentReading['known']>,
  view: EnrolmentView<Buffer>,
  config: Config,
  nowMs: number,
) => {
  const { key, yearEnd, owner, standing, profile, discounts, charges, payments, unsettled } = enrolment
  const { body, status } = answerOf(view, nowMs)
  const today = todayIn(config, nowMs)
  return {
    collector_code: key.collectorCode,
    grade: key.grade,
    academic_year_start: key.yearStart,
    academic_year_end: yearEnd,
    status: statusOn(standing, today).kind,
    leaving: standing.leaving && { status: standing.leaving.kind, on: standing.leaving.on },
    source: owner,
    unsettled,
    profile,
    money: statementJson(statementOf(enrolment, config.policy, today)),
    discounts: discounts.map(({ amount, percent, ...rest }) => ({
      ...rest,
      ...(amount !== undefined && { amount: rupees(amount) }),
      ...(percent !== undefined && { percent: percent / 10_000 }),
    })),
    charges: charges.map(({ amount, ...rest }) => ({ ...rest, amount: rupees(amount) })),
    payments: payments.map(({ amount, allocations, ...rest }) => ({
      ...rest,
      amount: rupees(amount),
      ...(allocations && {
        allocations: allocations.map(({ amount: part, ...where }) => ({ ...where, amount: rupees(part) })),
      }),
    })),
    remarks: remarksOf(enrolment, config.policy, today),
    answer: body === null ? null : { status: status === 'active' ? 200 : 422, body: JSON.parse(body.toString()) },
  }
}
