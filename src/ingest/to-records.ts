import type { IncomingMessage } from 'node:http'
import { headerText } from '../../consumers/events/envelope.ts'
import type { EventProblem } from '../../consumers/events/validate.ts'
import type { Header, LogRecord } from '../../consumers/ports/log.ts'
import { HEARTBEAT } from '../../projections/events/event.ts'
import { binaryHeaders } from './binary-event.ts'
import type { Mode } from './media-type.ts'
import { splitBatch } from './split-batch.ts'

/** An event of a request as the record to be stored; its bytes are those received. */
export type EventCandidate = {
  readonly record: LogRecord
  /** Problems found before the event itself is checked. */
  readonly problems: readonly EventProblem[]
}

export type Candidates =
  | { readonly kind: 'candidates'; readonly candidates: readonly EventCandidate[] }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'malformed'; readonly message: string }

export const MAX_EVENTS = 500

const STRUCTURED: readonly Header[] = [['content-type', Buffer.from('application/cloudevents+json; charset=UTF-8')]]

const candidate = (
  value: Uint8Array | null,
  headers: readonly Header[],
  problems: readonly EventProblem[] = [],
): EventCandidate => ({ record: { partition: 0, offset: 0, timestampMs: 0, key: null, value, headers }, problems })

export const candidatesOf = (request: IncomingMessage, mode: Mode, body: Buffer): Candidates => {
  if (mode === 'structured') return { kind: 'candidates', candidates: [candidate(body, STRUCTURED)] }
  if (mode === 'binary') {
    const { headers, problems } = binaryHeaders(request.rawHeaders, request.headers['content-type'])
    const isHeartbeat = body.length === 0 && headerText(headers, 'ce_type') === HEARTBEAT
    return { kind: 'candidates', candidates: [candidate(isHeartbeat ? null : body, headers, problems)] }
  }
  const split = splitBatch(body, MAX_EVENTS)
  if (split.kind === 'too_many') return split
  if (split.kind === 'not_a_list') return { kind: 'malformed', message: 'the body is not a JSON list' }
  if (split.elements.length === 0) return { kind: 'malformed', message: `a batch has 1 to ${MAX_EVENTS} events` }
  return { kind: 'candidates', candidates: split.elements.map((element) => candidate(element, STRUCTURED)) }
}
