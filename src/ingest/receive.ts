import type { IncomingMessage } from 'node:http'
import type { NewRecord } from '../../consumers/ports/log.ts'
import type { Client } from '../http/clients.ts'
import { type Refusal, refuse } from './admit.ts'
import { checkBatch, type IngestTopic } from './check-batch.ts'
import { isTooDense } from './density.ts'
import { modeOf } from './media-type.ts'
import { candidatesOf } from './to-records.ts'

export type Received = { readonly kind: 'records'; readonly records: readonly NewRecord[] } | Refusal

const malformed = (message: string): Refusal =>
  refuse('invalid_event', { details: [{ index: 0, pointer: '', message }] })

/** A client's body → the records to write, or the first refusal in order: 413, 415, 400, 403. */
export const receive = (request: IncomingMessage, body: Buffer, { publish }: Client, topic: IngestTopic): Received => {
  const mode = modeOf(request.headers)
  if (mode === null) return refuse('unsupported_media_type')
  if (isTooDense(body)) return malformed('the body has more parts than events of its size can have')
  const found = candidatesOf(request, mode, body)
  if (found.kind === 'too_many') return refuse('payload_too_large', { message: 'A batch has at most 500 events.' })
  if (found.kind === 'malformed') return malformed(found.message)
  const checked = checkBatch(found.candidates, publish, topic)
  switch (checked.kind) {
    case 'good':
      return { kind: 'records', records: checked.records }
    case 'invalid': {
      const { problems, total } = checked
      const cut = total > problems.length && {
        message: `At least one event is not valid; none was accepted. The first ${problems.length} of ${total} problems:`,
      }
      return refuse('invalid_event', { ...cut, details: problems })
    }
    case 'alien':
      return refuse('forbidden', {
        message: `These credentials do not allow publishing as the source of event ${checked.index}.`,
      })
  }
}
