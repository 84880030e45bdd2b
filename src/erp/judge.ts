import { isAscii, isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import type { PullQuery } from '../pull/port.ts'
import { errorBody, successBody } from './answer-schema.ts'
import { hasDuplicateKeys } from './duplicate-keys.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import { mismatch } from './identity.ts'
import type { ErpOutcome } from './port.ts'

export type Response = Extract<Exchange, { readonly kind: 'response' }>

/**
 * `sound`: whether the ERP as such works. A record with a broken field or of another student is one record: counting
 * it against the ERP would take the answers from everybody else. What is no fetch-student answer at all counts.
 */
export type Judgement = { readonly outcome: ErpOutcome; readonly sound: boolean }

const bad = (detail: string, sound: boolean): Judgement => ({ outcome: { kind: 'bad_response', detail }, sound })

/** Judges a 200 or 422. Details name fields and never values: they go to the log. */
export const judge = (asked: PullQuery, response: Response): Judgement => {
  const unreadable = whyUnreadable(response)
  if (unreadable !== null) return bad(unreadable, false)
  const text = asBuffer(response.body).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return bad('not JSON', false)
  }
  if (hasDuplicateKeys(text, value)) return bad('a key twice in one object', true)
  return response.status === 200 ? judgeSuccess(asked, response, value) : judgeRefusal(response, value)
}

const judgeSuccess = (asked: PullQuery, { body, saidAtMs }: Response, value: unknown): Judgement => {
  const parsed = successBody.safeParse(value)
  if (!parsed.success) return invalid(parsed.error)
  const { student } = parsed.data.data
  const wrong = mismatch(asked, student)
  if (wrong !== null) return bad(`another ${wrong} than asked for`, true)
  const collectorCode = student.collector_code == null ? null : String(student.collector_code)
  return { outcome: { kind: 'answer', status: 200, body, saidAtMs, collectorCode }, sound: true }
}

const judgeRefusal = ({ body, saidAtMs }: Response, value: unknown): Judgement => {
  const parsed = errorBody.safeParse(value)
  if (!parsed.success) return invalid(parsed.error)
  return { outcome: { kind: 'answer', status: 422, body, saidAtMs, code: parsed.data.code }, sound: true }
}

/** A problem deeper than `data.student` or an entry of a list lies in the record, one above it in the whole answer. */
const invalid = (error: z.ZodError): Judgement => {
  const [first] = error.issues
  const place = first?.path.join('.') || 'the body'
  return bad(
    `invalid: ${place}`,
    error.issues.every((issue) => issue.path.length > 2),
  )
}

/** The partner reads UTF-8 without a byte order mark (a mark fails as JSON); bytes go out as they came in. */
const whyUnreadable = ({ headers, body }: Response): string | null => {
  const encoding = first(headers, 'content-encoding')?.trim().toLowerCase()
  if (encoding && encoding !== 'identity') return 'a content encoding that was not asked for'
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(first(headers, 'content-type') ?? '')?.[1]?.toLowerCase()
  if (charset && charset !== 'utf-8' && charset !== 'utf8' && !isAscii(body)) return 'a charset other than UTF-8'
  return isUtf8(body) ? null : 'not UTF-8'
}

const first = (headers: ResponseHeaders, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
