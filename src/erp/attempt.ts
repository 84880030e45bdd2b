import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpClock } from './clock.ts'
import type { ErpExchange } from './exchange.ts'
import { type ErpResponse, judge } from './judge.ts'
import type { ErpOutcome } from './port.ts'
import { retryAfterMs } from './retry.ts'

/** One call to the ERP, judged. `sound: false` counts against the ERP in its breaker. */
export type Attempt = {
  readonly outcome: ErpOutcome
  readonly sound: boolean
  readonly retryable: boolean
  /** What the ERP asked to wait. */
  readonly askedMs?: number
}

/** The ERP, or what stands before it, says that it is this moment's trouble. */
const transient: ReadonlySet<number> = new Set([429, 502, 503, 504])

const failed = (outcome: ErpOutcome, retryable: boolean): Attempt => ({ outcome, sound: false, retryable })

export const assess = (asked: PullQuery, result: ErpExchange, clock: ErpClock): Attempt => {
  switch (result.kind) {
    case 'too_large':
      return failed({ kind: 'bad_response', detail: 'over 1 MiB' }, false)
    case 'timeout':
      return failed({ kind: 'unavailable', cause: 'timeout' }, false)
    case 'connection':
      return failed({ kind: 'unavailable', cause: 'connection' }, true)
    case 'response':
      return assessStatus(asked, result, clock)
  }
}

const assessStatus = (asked: PullQuery, response: ErpResponse, clock: ErpClock): Attempt => {
  const { status } = response
  if (status === 200 || status === 422) return { ...judge(asked, response), retryable: false }
  if (status >= 300 && status < 400 && status !== 304)
    return failed({ kind: 'bad_response', detail: 'a redirect' }, false)
  const askedMs = retryAfterMs(response.headers, clock.unixMs())
  const told = askedMs === undefined ? {} : { retryAfterSeconds: Math.ceil(askedMs / 1_000) }
  const attempt = failed({ kind: 'unavailable', cause: 'status', ...told }, transient.has(status))
  return askedMs === undefined ? attempt : { ...attempt, askedMs }
}
