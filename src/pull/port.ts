import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { AnswerAbout } from './answer-about.ts'
import type { AnswerSource, FallbackReason } from './reasons.ts'

/** Types shared by the HTTP edge and the decision on a pull. */

/** A definite answer: its bytes are sent unchanged. */
export type PullAnswer = {
  readonly kind: 'answer'
  readonly status: 200 | 422
  readonly body: Uint8Array | string
  readonly source: AnswerSource
  /**
   * Unix milliseconds: the moment up to which the answer includes every published event, or the moment of the ERP's
   * answer.
   */
  readonly asOfMs: number
  /** `<partition>:<offset>` of the last event in the answer; projection only. */
  readonly version?: string
  /** Why the answer does not come (plainly) from the projection. */
  readonly reason?: FallbackReason
  /** Seconds; last known good only. */
  readonly ageSeconds?: number
  readonly about: AnswerAbout
}

/** An answered pull and its client. */
export type AnsweredPull = {
  readonly client: string
  readonly requestId: string
  readonly query: PullQuery
  readonly answer: PullAnswer
}

/** No answer: a code of the error table (src/errors.ts); `reason` is for logs and metrics. */
export type PullFailure = {
  readonly kind: 'failure'
  readonly code: 'forbidden' | 'erp_bad_response' | 'temporarily_unavailable'
  readonly reason?: FallbackReason
  readonly retryAfterSeconds?: number
  /** The branch whose ERP could have answered; `null` where the pull names none. For logs. */
  readonly branch?: string | null
}

export type PullResult = PullAnswer | PullFailure

/** Never rejects for an expected fault and always settles before `deadline` (a `performance.now()` time in milliseconds). */
export type Pull = (query: PullQuery, asker: PullAsker, deadline: number, requestId: string) => Promise<PullResult>

/** The client that asks, and what it may see. */
export type PullAsker = { readonly username: string; readonly scope: Scope }
