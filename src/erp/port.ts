import type { PullQuery } from '../../projections/answers/pull-query.ts'

/** One ERP's fetch-student API, protected by its breaker and bulkhead. */
export type ErpClient = {
  /** The label for metrics and logs: `group`, or the `collector_code` of the first branch that uses it; never a URL. */
  readonly label: string
  /**
   * Asks the ERP on behalf of a client, by its name; concurrent calls for the same lookup share one request. Never
   * rejects; always settles before `deadline` (a `performance.now()` time in milliseconds).
   */
  readonly fetch: (lookup: PullQuery, client: string, deadline: number) => Promise<ErpOutcome>
  /**
   * One request for a student that does not exist, made by Pullgate itself: no client's failure, and no retry. It opens
   * no breaker. `null`: no slot is free, or the client is closing.
   */
  readonly probe: () => Promise<ErpOutcome | null>
  /** Milliseconds since the ERP last answered a pull; Infinity where it never has. */
  readonly answeredAgoMs: () => number
  readonly breakerState: () => 'closed' | 'half-open' | 'open'
  readonly inFlight: () => number
  readonly close: () => Promise<void>
}

/** The caller's name where no client asks, but a command of Pullgate. */
export const OURSELVES = 'pullgate'

/**
 * `answer`: a valid 200, or a valid 422 with one of the four codes; bytes unchanged. `bad_response`: a reply that is no
 * valid answer (detail for the log, free of personal data). `unavailable`: the ERP could not be called or did not
 * answer (`open` = breaker open, `busy` = bulkhead full).
 */
export type ErpOutcome =
  | {
      readonly kind: 'answer'
      readonly status: 200 | 422
      readonly body: Uint8Array
      readonly saidAtMs: number
      readonly code?: string
      readonly collectorCode?: string | null
      /** The identifier of the student in a 200. */
      readonly identifier?: string
    }
  | { readonly kind: 'bad_response'; readonly detail: string }
  | {
      readonly kind: 'unavailable'
      readonly cause: 'open' | 'busy' | 'timeout' | 'status' | 'connection'
      /** For the log and for `doctor`: `status 500`, or why there was no connection. */
      readonly detail?: string
      /** The operator's remedy. */
      readonly mend?: string
      readonly retryAfterSeconds?: number
    }

/**
 * Outcomes of one HTTP request to an ERP, for metrics. The list is complete, so that every series exists from the
 * start.
 */
export const erpRequestOutcomes = ['answer', 'bad_response', 'timeout', 'status', 'connection'] as const
export type ErpRequestOutcome = (typeof erpRequestOutcomes)[number]
