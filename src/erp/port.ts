import type { PullQuery } from '../../projections/answers/pull-query.ts'

/** One ERP's fetch-student API, behind its breaker and bulkhead. */
export type ErpClient = {
  /** The label for metrics and logs: `group`, or the `collector_code` of the first branch that uses it; never a URL. */
  readonly label: string
  /**
   * Asks the ERP for one of our clients, by its name; concurrent calls for the same lookup share one request. Never
   * rejects; always settles before `deadline` (a `performance.now()` time in milliseconds).
   */
  readonly fetch: (lookup: PullQuery, client: string, deadline: number) => Promise<ErpOutcome>
  readonly breakerState: () => 'closed' | 'half-open' | 'open'
  readonly inFlight: () => number
  readonly close: () => Promise<void>
}

/** Who asks, where it is no client: a command of our own. */
export const OURSELVES = 'pullgate'

/**
 * `answer`: a valid 200, or a valid 422 with one of the four codes; bytes unchanged. `bad_response`: it answered with
 * something that is no answer (detail for the log, free of personal data). `unavailable`: it could not be asked or did
 * not answer (`open` = breaker open, `busy` = bulkhead full).
 */
export type ErpOutcome =
  | {
      readonly kind: 'answer'
      readonly status: 200 | 422
      readonly body: Uint8Array
      readonly saidAtMs: number
      readonly code?: string
      readonly collectorCode?: string | null
      /** Of the student that a 200 is about. */
      readonly identifier?: string
    }
  | { readonly kind: 'bad_response'; readonly detail: string }
  | {
      readonly kind: 'unavailable'
      readonly cause: 'open' | 'busy' | 'timeout' | 'status' | 'connection'
      /** For the log and for `doctor`: `status 500`, or why no connection came about. */
      readonly detail?: string
      /** What mends it. */
      readonly mend?: string
      readonly retryAfterSeconds?: number
    }

/** How one HTTP request to an ERP ended, for metrics; the whole list, so that every series can be there from the start. */
export const erpRequestOutcomes = ['answer', 'bad_response', 'timeout', 'status', 'connection'] as const
export type ErpRequestOutcome = (typeof erpRequestOutcomes)[number]
