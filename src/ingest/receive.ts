import type { IncomingMessage } from 'node:http'
import { LARGE_BYTES } from '../../consumers/events/decode-in-turns.ts'
import { longStep } from '../../consumers/events/long-steps.ts'
import type { NewRecord } from '../../consumers/ports/log.ts'
import { type Refusal, refuse } from './admit.ts'
import { checkBatch, type IngestTopic } from './check-batch.ts'
import { isTooDense } from './density.ts'
import { BATCH, BINARY, mediaTypes, modeOf, STRUCTURED } from './media-type.ts'
import type { Sender } from './sender.ts'
import { candidatesOf } from './to-records.ts'

export type Received = { readonly kind: 'records'; readonly records: readonly NewRecord[] } | Refusal

const malformed = (message: string): Refusal =>
  refuse('invalid_event', { details: [{ index: 0, pointer: '', message }] })

const NO_RIGHTS = refuse('forbidden', { message: 'These credentials do not allow publishing.' })

/** Turns a sender's body into the records to write, or into the first refusal in the order 413, 415, 400, 403. */
export const receive = async (
  request: IncomingMessage,
  body: Buffer,
  { client, isSigned }: Pick<Sender, 'client' | 'isSigned'>,
  topic: IngestTopic,
): Promise<Received> => {
  const taken = mediaTypes(isSigned)
  const mode = modeOf(request.headers, taken)
  if (mode === null) return refuse('unsupported_media_type', { takes: taken, message: takesOnly(isSigned) })
  // The client may publish nothing, so the body is not checked.
  if (client.publish.size === 0) return NO_RIGHTS
  const isSmall = body.length <= LARGE_BYTES
  const isDense = isSmall ? isTooDense(body) : await longStep(() => isTooDense(body))
  if (isDense) return malformed('the body has more parts than events of its size can have')
  const found = isSmall ? candidatesOf(request, mode, body) : await longStep(() => candidatesOf(request, mode, body))
  if (found.kind === 'too_many') return refuse('payload_too_large', { message: 'A batch has at most 500 events.' })
  if (found.kind === 'malformed') return malformed(found.message)
  const checked = await checkBatch(found.candidates, client.publish, topic)
  switch (checked.kind) {
    case 'good':
      return { kind: 'records', records: checked.records }
    case 'invalid': {
      const { problems, isCut } = checked
      const cut = isCut && {
        message: `At least one event is not valid; none was accepted. The first ${problems.length} problems:`,
      }
      return refuse('invalid_event', { ...cut, details: problems })
    }
    case 'alien':
      return refuse('forbidden', {
        message: `These credentials do not allow publishing as the source of event ${checked.index}.`,
      })
  }
}

const takesOnly = (isSigned: boolean): string => {
  const types = isSigned ? `${STRUCTURED} or ${BATCH}` : `${STRUCTURED}, ${BATCH}, or ${BINARY} with ce- headers`
  return `Taken ${isSigned ? 'with a signature is' : 'is'} ${types}, in UTF-8 and without a content coding.`
}
