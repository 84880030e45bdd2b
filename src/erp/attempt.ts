import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpClock } from './clock.ts'
import { decodeBody } from './decode-body.ts'
import { type ErpExchange, maxAnswerBytes } from './exchange.ts'
import { connectionWords, statusMend } from './failure-words.ts'
import { type ErpResponse, judge } from './judge.ts'
import type { ErpOutcome } from './port.ts'
import { retryAfterMs } from './retry.ts'

/** One judged call to the ERP. `sound: false` counts as a failure in the breaker. */
export type Attempt = {
  readonly outcome: ErpOutcome
  readonly sound: boolean
  readonly retryable: boolean
  /** Milliseconds that the ERP asked to wait. */
  readonly askedMs?: number
}

/** The ERP, or a proxy before it, reports a temporary problem. */
const transient: ReadonlySet<number> = new Set([429, 502, 503, 504])

const tooLarge: ErpOutcome = { kind: 'bad_response', detail: 'over 1 MiB' }

/** A 4xx about the lookup is no answer, but its ERP is sound. These codes concern our credentials, time or rate. */
const aboutUs: ReadonlySet<number> = new Set([401, 403, 408, 429])
const isAboutTheRequest = (status: number): boolean => status >= 400 && status < 500 && !aboutUs.has(status)

const failed = (outcome: ErpOutcome, retryable: boolean): Attempt => ({ outcome, sound: false, retryable })

export const assess = (asked: PullQuery, result: ErpExchange, clock: ErpClock): Attempt => {
  switch (result.kind) {
    case 'too_large':
      return failed(tooLarge, false)
    case 'timeout':
      return failed({ kind: 'unavailable', cause: 'timeout' }, false)
    case 'connection':
      return failed({ kind: 'unavailable', cause: 'connection', ...connectionWords(result.code) }, true)
    case 'response':
      return assessStatus(asked, result, clock)
  }
}

const assessAnswer = (asked: PullQuery, response: ErpResponse): Attempt => {
  const decoded = decodeBody(response.headers, response.body, maxAnswerBytes)
  if (decoded.kind === 'too_large') return failed(tooLarge, false)
  if (decoded.kind === 'undecodable') return failed({ kind: 'bad_response', detail: decoded.detail }, false)
  return { ...judge(asked, { ...response, body: decoded.body }), retryable: false }
}

const assessStatus = (asked: PullQuery, response: ErpResponse, clock: ErpClock): Attempt => {
  const { status } = response
  if (status === 200 || status === 422) return assessAnswer(asked, response)
  if (status >= 300 && status < 400 && status !== 304)
    return failed({ kind: 'bad_response', detail: 'a redirect' }, false)
  const askedMs = retryAfterMs(response.headers, clock.unixMs())
  const retryAfter = askedMs === undefined ? {} : { retryAfterSeconds: Math.ceil(askedMs / 1_000) }
  const words = { detail: `status ${status}`, mend: statusMend(status) }
  const outcome: ErpOutcome = { kind: 'unavailable', cause: 'status', ...words, ...retryAfter }
  const attempt = { outcome, sound: isAboutTheRequest(status), retryable: transient.has(status) }
  return askedMs === undefined ? attempt : { ...attempt, askedMs }
}
