/**
 * Every error that leaves the program, in one closed table. `status` is what the HTTP edge answers with; the core and
 * the consumers know codes at most. `retryable`: the same request may succeed later without anybody changing anything.
 * `message` is for a person and says nothing about the request; docs/errors.md is held to this table by a test.
 */
export const errors = {
  invalid_request: { status: 400, retryable: false, message: 'The request is not valid.' },
  invalid_event: { status: 400, retryable: false, message: 'At least one event is not valid; none was accepted.' },
  unauthorized: { status: 401, retryable: false, message: 'Valid credentials are required.' },
  forbidden: { status: 403, retryable: false, message: 'These credentials do not allow this.' },
  not_found: { status: 404, retryable: false, message: 'There is nothing at this path.' },
  method_not_allowed: { status: 405, retryable: false, message: 'This path does not support the method.' },
  not_acceptable: { status: 406, retryable: false, message: 'Only application/json can be answered.' },
  request_timeout: { status: 408, retryable: true, message: 'The request did not arrive in time.' },
  payload_too_large: { status: 413, retryable: false, message: 'The body is too large.' },
  unsupported_media_type: { status: 415, retryable: false, message: 'The content type is not supported.' },
  student_not_found: { status: 422, retryable: false, message: 'There is no such student.' },
  student_discontinued: { status: 422, retryable: false, message: 'The student has left.' },
  student_transferred: { status: 422, retryable: false, message: 'The student was transferred.' },
  data_error: { status: 422, retryable: false, message: 'The data at hand does not allow an answer.' },
  rate_limited: { status: 429, retryable: true, message: 'Too many requests; try again later.' },
  headers_too_large: { status: 431, retryable: false, message: 'The URL and headers are too large.' },
  internal_error: { status: 500, retryable: true, message: 'Something went wrong on our side.' },
  erp_bad_response: { status: 502, retryable: true, message: 'The ERP gave an answer that cannot be used.' },
  temporarily_unavailable: { status: 503, retryable: true, message: 'No answer is possible right now; try again.' },
  store_unavailable: { status: 503, retryable: true, message: 'The projection store does not answer.' },
  log_unavailable: { status: 503, retryable: true, message: 'The event log does not answer.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>

export type ErrorCode = keyof typeof errors

/** The one error class: for broken infrastructure and bugs; expected outcomes are values. Its message holds no personal data. */
export class PullgateError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string = errors[code].message, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'PullgateError'
    this.code = code
  }
}

/** The body of every error answer, its keys in the order that readers of the answer see. */
export const envelope = (
  code: ErrorCode,
  message: string = errors[code].message,
  details?: readonly object[],
): string => JSON.stringify({ status: 'error', message, code, ...(details && { errors: details }) })
