import type { Exchange } from '../http/exchange.ts'
import { type Gone, type Refusal, refuse } from './admit.ts'
import type { Holding } from './byte-budget.ts'

export type WholeBody = { readonly kind: 'whole'; readonly bytes: Buffer }

/** `over`: the exchange has ended, by an answer or by its connection; it does not depend on events of the request. */
export type ReadBody = (exchange: Exchange, holding: Holding, over: AbortSignal) => Promise<WholeBody | Refusal | Gone>

const TOO_LARGE = refuse('payload_too_large', { message: 'The body is over 1 MiB.' })
export const NO_ROOM = refuse('temporarily_unavailable', {
  message: 'Too many events are on their way; try again.',
  reason: 'overload',
})
const GONE: Gone = { kind: 'gone' }

/**
 * Reads a body of at most `most` bytes and charges it to `holding` on arrival. A body that announces more is not read;
 * bytes after a refusal are dropped unread. The creator of the holding closes it.
 */
export const bodyReader =
  (most: number): ReadBody =>
  ({ request, response }, holding, over) => {
    if (request.destroyed || over.aborted) return Promise.resolve(GONE)
    if (Number(request.headers['content-length'] ?? 0) > most) return Promise.resolve(TOO_LARGE)
    if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()

    return new Promise((resolve) => {
      const body = growingBuffer(most, holding)
      const settle = (outcome: WholeBody | Refusal | Gone): void => {
        over.removeEventListener('abort', leave)
        request.removeAllListeners('data')
        request.resume()
        resolve(outcome)
      }
      const leave = (): void => settle(GONE)
      request.on('data', (chunk: Buffer) => {
        const refused = body.add(chunk)
        if (refused !== null) settle(refused)
      })
      request.once('end', () => settle({ kind: 'whole', bytes: body.bytes() }))
      over.addEventListener('abort', leave)
    })
  }

/** Copies chunks together, so that a body that arrives byte by byte takes at most twice its size. */
const growingBuffer = (most: number, holding: Holding) => {
  let buffer = Buffer.alloc(0)
  let size = 0
  return {
    add: (chunk: Buffer): Refusal | null => {
      const needed = size + chunk.length
      if (needed > most) return TOO_LARGE
      if (needed > buffer.length) {
        const capacity = size === 0 ? needed : Math.min(most, Math.max(needed, 2 * buffer.length))
        if (!holding.take(capacity - buffer.length)) return NO_ROOM
        const larger = Buffer.allocUnsafe(capacity)
        buffer.copy(larger, 0, 0, size)
        buffer = larger
      }
      chunk.copy(buffer, size)
      size = needed
      return null
    },
    bytes: () => buffer.subarray(0, size),
  }
}
