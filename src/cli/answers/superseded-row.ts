import { type AnswerSummary, instalmentsJson } from '../../../projections/answers/summary.ts'
import type { EventSummary } from '../../answers/event-summary.ts'
import type { SupersededAnswer } from '../../answers/follow-answers.ts'
import { rupees } from '../student/money-text.ts'

/** What an answer says, in the words of a recorded one. */
type SummaryJson = {
  readonly status: number
  readonly code?: string
  readonly payable?: number
  readonly instalments?: unknown
}

export type SupersededRow = {
  readonly identifier: string
  readonly collector_code: string | null
  readonly at: string
  readonly client: string
  readonly request_id: string
  readonly told: SummaryJson
  readonly change: string
  /** `undone_by`: the event after which the answer equals the former one again. */
  readonly event: EventSummary & { readonly undone_by?: EventSummary }
  /** `null`: nothing is answered now. */
  readonly now: SummaryJson | null
}

export const supersededRow = ({
  identifier,
  answer,
  change,
  event,
  undoneBy,
  now,
}: SupersededAnswer): SupersededRow => {
  const { record, summary } = answer
  return {
    identifier,
    collector_code: record.enrolment?.collector_code ?? record.query.collector_code ?? null,
    at: record.at,
    client: record.client,
    request_id: record.request_id,
    told: summaryJson(summary),
    change,
    event: undoneBy === null ? event : { ...event, undone_by: undoneBy },
    now: now && summaryJson(now),
  }
}

const summaryJson = (summary: AnswerSummary): SummaryJson => {
  const instalments = instalmentsJson(summary)
  return {
    status: summary.status,
    ...(summary.code !== null && { code: summary.code }),
    ...(summary.payable !== null && { payable: rupees(summary.payable) }),
    ...(instalments !== null && { instalments: JSON.parse(instalments) }),
  }
}
