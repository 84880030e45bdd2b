import { hash } from 'node:crypto'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import { type AnswerSummary, instalmentsJson, summaryOf } from '../../projections/answers/summary.ts'
import type { EnrolmentKey } from '../../projections/events/enrolment-key.ts'
import { quoted } from '../../projections/values/json-string.ts'
import { formatRupees } from '../../projections/values/money.ts'
import type { AnsweredPull, PullAnswer } from '../pull/port.ts'
import type { AnswerSource, FallbackReason } from '../pull/reasons.ts'
import { scanSummary } from './scan-body.ts'

/** One recorded answer, as JSON with its members in this order; a stored format. Amounts are in rupees. */
export type AnswerRecord = {
  readonly at: string
  readonly client: string
  readonly request_id: string
  /** As it was asked, without `identifier` and `custom_identifier`. */
  readonly query: Omit<PullQuery, 'identifier' | 'custom_identifier'>
  readonly status: 200 | 422
  readonly code?: string
  readonly source: AnswerSource
  readonly reason?: FallbackReason
  readonly as_of: string
  readonly version?: string
  /** `null`: the answer was about no enrolment that is known. */
  readonly enrolment: {
    readonly collector_code?: string
    readonly grade: string
    readonly academic_year_start: string
  } | null
  readonly payable?: number
  readonly instalments?: readonly {
    readonly due_date: string
    readonly reference_id?: string
    readonly amount: number
  }[]
  readonly body_sha256: string
}

/** What is recorded of an answer, and whose it is. */
export type RecordedAnswer = {
  /** `null`: nobody knows whose it is; the record has no key then. */
  readonly identifier: string | null
  readonly enrolment: EnrolmentKey | null
  readonly summary: AnswerSummary
  /** Of the summary, as JSON. */
  readonly instalments: string | null
  readonly json: string
}

export const recordedAnswer = ({ client, requestId, query, answer }: AnsweredPull, atMs: number): RecordedAnswer => {
  const { status, body, source } = answer
  const isOwn = source === 'projection'
  const summary = isOwn && status === 200 ? scanSummary(body) : summaryOf(status, textOf(body))
  // What an ERP answered about is in its answer alone; the projection may have found another enrolment.
  const named = isOwn || status === 422 ? null : namedIn(textOf(body))
  const enrolment = isOwn ? answer.about.enrolment : (named?.enrolment ?? null)
  const instalments = instalmentsJson(summary)
  const json = [
    `{"at":"${sentAt(atMs)}","client":${quoted(client)},"request_id":${quoted(requestId)},"query":${queryJson(query)}`,
    `,"status":${status}${summary.code === null ? '' : `,"code":${quoted(summary.code)}`}`,
    `,"source":"${source}"${answer.reason === undefined ? '' : `,"reason":"${answer.reason}"`}`,
    `,"as_of":"${provenAt(answer.asOfMs)}"${answer.version === undefined ? '' : `,"version":"${answer.version}"`}`,
    `,"enrolment":${enrolment === null ? 'null' : enrolmentJson(enrolment)}${sumsJson(summary, instalments)}`,
    `,"body_sha256":"${hash('sha256', body, 'hex')}"}`,
  ].join('')
  return { identifier: answer.about.id ?? named?.identifier ?? null, enrolment, summary, instalments, json }
}

const textOf = (body: PullAnswer['body']): string => (typeof body === 'string' ? body : Buffer.from(body).toString())

const sumsJson = ({ payable }: AnswerSummary, instalments: string | null): string => {
  if (payable === null) return ''
  return `,"payable":${formatRupees(payable)}${instalments === null ? '' : `,"instalments":${instalments}`}`
}

const queryJson = ({ grade, collector_code, academic_year_start, academic_year_end }: PullQuery): string =>
  JSON.stringify({ grade, collector_code, academic_year_start, academic_year_end })

const enrolmentJson = ({ collectorCode, grade, yearStart }: EnrolmentKey): string =>
  `{${collectorCode === null ? '' : `"collector_code":${quoted(collectorCode)},`}"grade":${quoted(grade)},"academic_year_start":${quoted(yearStart)}}`

type StudentInBody = {
  readonly data?: {
    readonly student?: {
      readonly identifier?: unknown
      readonly collector_code?: unknown
      readonly grade?: unknown
      readonly academic_year_start?: unknown
    }
  }
}

const namedIn = (body: string): { readonly identifier: string; readonly enrolment: EnrolmentKey } | null => {
  const student = (JSON.parse(body) as StudentInBody).data?.student
  if (student === undefined) return null
  const { identifier, collector_code: code, grade, academic_year_start } = student
  const collectorCode = code === undefined || code === null ? null : String(code)
  const enrolment = { collectorCode, grade: String(grade), yearStart: String(academic_year_start) }
  return { identifier: String(identifier), enrolment }
}

/** Under load many answers share their millisecond. */
const sharedMoments = (): ((ms: number) => string) => {
  let lastMs = Number.NaN
  let lastText = ''
  return (ms) => {
    if (ms !== lastMs) lastText = new Date(ms).toISOString()
    lastMs = ms
    return lastText
  }
}

const sentAt = sharedMoments()
const provenAt = sharedMoments()
