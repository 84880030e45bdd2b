/**
 * - `unavailable`: the log could not be asked, or did not answer in time, or knows no such topic (yet); asking again may
 *   succeed. Of an append, some may have been written.
 * - `refused`: the log answered, and will answer the same again (record too large, not authorised).
 */
export type LogErrorCode = 'unavailable' | 'refused'

export class LogError extends Error {
  readonly code: LogErrorCode
  constructor(code: LogErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'LogError'
    this.code = code
  }
}
