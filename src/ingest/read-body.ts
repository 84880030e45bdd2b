import type { Exchange } from '../http/exchange.ts'
import { type Gone, type Refusal, refuse } from './admit.ts'
import type { ByteBudget } from './byte-budget.ts'

/** Its bytes take room of the budget until they are released. */
export type WholeBody = { readonly kind: 'whole'; readonly bytes: Buffer; readonly release: () => void }

export type ReadBody = (exchange: Exchange) => Promise<WholeBody | Refusal | Gone>

const TOO_LARGE = refuse('payload_too_large', { message: 'The body is over 1 MiB.' })
const NO_ROOM = refuse('temporarily_unavailable', { message: 'Too many events are on their way; try again.' })

/**
 * A body of at most `most` bytes. One that announces more is not read at all, one that does not announce its length is
 * counted as it comes; what still comes after a refusal is dropped unread.
 */
export const bodyReader =
  (most: number, budget: ByteBudget): ReadBody =>
  ({ request, response }) => {
    if (request.destroyed) return Promise.resolve({ kind: 'gone' })
    const announced = request.headers['content-length']
    const length = announced === undefined ? null : Number(announced)
    if (length !== null && length > most) return Promise.resolve(TOO_LARGE)
    if (!budget.take(length ?? 0)) return Promise.resolve(NO_ROOM)
    let taken = length ?? 0
    const release = (): void => {
      budget.give(taken)
      taken = 0
    }
    if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()

    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      let size = 0
      let settled = false
      const settle = (body: WholeBody | Refusal | Gone): void => {
        if (settled) return
        settled = true
        request.removeAllListeners('data')
        request.resume()
        if (body.kind !== 'whole') release()
        resolve(body)
      }
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > most) return settle(TOO_LARGE)
        if (length === null) {
          if (!budget.take(chunk.length)) return settle(NO_ROOM)
          taken += chunk.length
        }
        chunks.push(chunk)
      })
      request.once('end', () => settle({ kind: 'whole', bytes: Buffer.concat(chunks), release }))
      request.once('error', () => settle({ kind: 'gone' }))
      request.once('close', () => settle({ kind: 'gone' }))
    })
  }
