/**
 * The limits of the HTTP edge in bytes, milliseconds and counts. They are arguments of the server, so that tests can
 * lower them.
 */
export type HttpLimits = {
  /** Request line and headers together; more is 431. */
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
  /** From the first byte (or the connection) to the end of the headers. */
  readonly headersTimeoutMs: number
  /** From the first byte to the end of the body. */
  readonly requestTimeoutMs: number
  /** Interval of the check of both timeouts above: the real limit is later by this much. */
  readonly timeoutCheckMs: number
  /** Longest time of a socket without traffic, also during a request: above every deadline. */
  readonly idleSocketMs: number
  /** Longest time between two requests; above the 60 s of load balancers, so that they close first. */
  readonly keepAliveMs: number
  readonly maxConnections: number
  /** Pulls that have arrived and are unanswered; more are refused with 503. */
  readonly maxPullsInProgress: number
  /** Bytes of unacknowledged event bodies in memory; more are refused with 503. */
  readonly maxEventBytesInFlight: number
  /** Time after `close` during which requests are accepted while clients are connected. */
  readonly lameDuckMs: number
  /** Time for the requests in progress to end afterwards. */
  readonly drainMs: number
}

export const defaultLimits: HttpLimits = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: 1_048_576,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  timeoutCheckMs: 1_000,
  idleSocketMs: 30_000,
  keepAliveMs: 65_000,
  maxConnections: 8_192,
  maxPullsInProgress: 4_096,
  maxEventBytesInFlight: 33_554_432,
  lameDuckMs: 5_000,
  drainMs: 16_000,
}
