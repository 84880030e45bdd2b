/** The bounds of the HTTP edge: bytes, milliseconds, counts. Arguments to the server so that tests can make them small. */
export type HttpLimits = {
  /** Request line and headers together; more is 431. */
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
  /** From the first byte (or the connection) to the end of the headers. */
  readonly headersTimeoutMs: number
  /** From the first byte to the end of the body. */
  readonly requestTimeoutMs: number
  /** How often the two above are looked at: the real bound is that much later. */
  readonly timeoutCheckMs: number
  /** A socket without traffic, while a request is answered too: above every deadline. */
  readonly idleSocketMs: number
  /** Between two requests; above the 60 s that load balancers use, so that they close first. */
  readonly keepAliveMs: number
  readonly maxConnections: number
  /** Pulls that have arrived and are not answered; more are shed with 503. */
  readonly maxPullsInProgress: number
  /** Bodies of published events in memory, until they are acknowledged; more are shed with 503. */
  readonly maxEventBytesInFlight: number
  /** After `close`, how long requests are still taken while clients are connected. */
  readonly lameDuckMs: number
  /** How long requests in progress may take to end after that. */
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
