/**
 * `X-Pullgate-Reason` of a 503 that this port decides, before or instead of asking the projection. The OpenAPI document
 * follows from this list, and a test compares docs/errors.md with it.
 */
export const UNAVAILABLE_REASONS = {
  overload: 'as many requests, or bytes of events, are in progress as there is room for',
  login_busy: 'as many new log-ins wait for verification as there is room for',
  deadline: 'the answer was not there in time',
  log_unavailable: 'the event log did not acknowledge in time',
  draining: 'the process is ending',
} as const
export type UnavailableReason = keyof typeof UNAVAILABLE_REASONS
