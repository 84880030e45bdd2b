import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import { hasDuplicateKeys } from '../../projections/values/duplicate-keys.ts'
import { errorBody, successBody } from './answer-schema.ts'
import type { ErpExchange } from './exchange.ts'
import { mismatch } from './identity.ts'
import type { ErpOutcome } from './port.ts'

export type ErpResponse = Extract<ErpExchange, { readonly kind: 'response' }>

/**
 * `sound`: whether the ERP as a whole works. A record with an invalid field or of another student concerns one record;
 * counted against the ERP, it would block the answers of all others. An answer in no known form counts.
 */
type JudgedAnswer = { readonly outcome: ErpOutcome; readonly sound: boolean }

const bad = (detail: string, sound: boolean): JudgedAnswer => ({ outcome: { kind: 'bad_response', detail }, sound })

/** Judges a 200 or 422. Details name fields and never values, because they are logged. */
export const judge = (asked: PullQuery, response: ErpResponse): JudgedAnswer => {
  // JSON is UTF-8 whatever the headers state, without a byte order mark, which fails as JSON below.
  if (!isUtf8(response.body)) return bad('not UTF-8', false)
  const text = asBuffer(response.body).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return bad('not JSON', false)
  }
  const judgement = response.status === 200 ? judgeSuccess(asked, response, value) : judgeRefusal(response, value)
  if (judgement.outcome.kind !== 'answer' || !hasDuplicateKeys(text, value)) return judgement
  return bad('a key twice in one object', true)
}

const judgeSuccess = (asked: PullQuery, { body, saidAtMs }: ErpResponse, value: unknown): JudgedAnswer => {
  const parsed = successBody.safeParse(value)
  if (!parsed.success) return invalid(parsed.error)
  const { student } = parsed.data.data
  const wrong = mismatch(asked, student)
  if (wrong !== null) return bad(`another ${wrong} than asked for`, true)
  const collectorCode = student.collector_code == null ? null : String(student.collector_code)
  return {
    outcome: { kind: 'answer', status: 200, body, saidAtMs, collectorCode, identifier: String(student.identifier) },
    sound: true,
  }
}

const judgeRefusal = ({ body, saidAtMs }: ErpResponse, value: unknown): JudgedAnswer => {
  const parsed = errorBody.safeParse(value)
  if (!parsed.success) return invalid(parsed.error)
  return { outcome: { kind: 'answer', status: 422, body, saidAtMs, code: parsed.data.code }, sound: true }
}

/** A problem below `data.student` or a list entry concerns the record; a problem above concerns the whole answer. */
const invalid = (error: z.ZodError): JudgedAnswer => {
  const [first] = error.issues
  const place = first?.path.join('.') || 'the body'
  return bad(
    `invalid: ${place}`,
    error.issues.every((issue) => issue.path.length > 2),
  )
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
