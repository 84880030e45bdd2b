import type { Dispatcher } from 'undici'
import { type ErpClock, expireAt } from './clock.ts'
import type { ErpConnection } from './connections.ts'

/** One request and what came back, before anybody has judged it. */
export type ErpExchange =
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: ResponseHeaders
      /** Whole for a 200 or 422; of other answers nobody reads the body. */
      readonly body: Uint8Array
      /** Unix milliseconds at which the head of the answer arrived. */
      readonly saidAtMs: number
      /** Its connection had carried another request before: this may be a second answer to that one. */
      readonly isOnUsed: boolean
    }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'timeout' }
  /**
   * `code` as Node, OpenSSL or undici name it. `isStale`: a connection that had been used before broke before an answer
   * began; the ERP may have closed it while it was idle.
   */
  | { readonly kind: 'connection'; readonly code: string | undefined; readonly isStale: boolean }

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

export const maxAnswerBytes = 1_048_576

/** A small body that nobody wants is read to its end, so that the connection can be used again. */
const maxDrainedBytes = 65_536

const nothing = new Uint8Array(0)
const hangUp = new Error('the gateway hung up')

const isAnswer = (status: number): boolean => status === 200 || status === 422

/**
 * One GET over a connection. The promise settles when the outcome is known; `onSettled` is called exactly once when the call
 * has really ended, which after a time-out may be later: its connection may still be opening. `hungUp` tells that the
 * ERP may not have noticed yet.
 */
export const exchange = (
  connection: ErpConnection,
  request: { readonly path: string; readonly headers: string[] },
  until: () => number,
  clock: ErpClock,
  onSettled: (hungUp: boolean) => void,
): Promise<ErpExchange> =>
  new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined
    let head: { status: number; headers: ResponseHeaders; saidAtMs: number } | undefined
    let hungUp = false
    let isOnUsed = false
    let bytes = 0
    const chunks: Uint8Array[] = []

    const response = (body: Uint8Array): ErpExchange => ({ kind: 'response', ...head!, body, isOnUsed })
    /** A status that is no answer says all there is to say, whatever becomes of its body. */
    const orStatus = (otherwise: ErpExchange): ErpExchange =>
      head && !isAnswer(head.status) ? response(nothing) : otherwise
    const finish = (result: ErpExchange) => {
      cancelTimer()
      resolve(result)
    }
    const leave = (result: ErpExchange) => {
      finish(result)
      hungUp = true
      controller?.abort(hangUp)
    }
    const cancelTimer = expireAt(until, clock, () => leave(orStatus({ kind: 'timeout' })))

    connection.dispatcher.dispatch(
      { method: 'GET', path: request.path, headers: request.headers },
      {
        onRequestStart: (started) => {
          controller = started
          isOnUsed = connection.begin()
          if (hungUp) started.abort(hangUp)
        },
        onResponseStart: (_, status, headers) => {
          if (status < 200) return
          head = { status, headers, saidAtMs: clock.unixMs() }
          if (isAnswer(status) && Number(headers['content-length']) > maxAnswerBytes) leave({ kind: 'too_large' })
        },
        onResponseData: (_, chunk) => {
          bytes += chunk.length
          if (!isAnswer(head!.status)) {
            if (bytes > maxDrainedBytes) leave(response(nothing))
          } else if (bytes > maxAnswerBytes) leave({ kind: 'too_large' })
          else chunks.push(chunk)
        },
        onResponseEnd: () => {
          finish(response(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
          onSettled(hungUp)
        },
        onResponseError: (_, error) => {
          const isStale = isOnUsed && head === undefined
          finish(
            orStatus(isTimeout(error) ? { kind: 'timeout' } : { kind: 'connection', code: codeOf(error), isStale }),
          )
          onSettled(hungUp)
        },
      },
    )
  })

const isTimeout = (error: Error & { readonly code?: string }): boolean =>
  error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT'

/** Happy eyeballs fails with one error for several addresses. */
const codeOf = (error: NodeJS.ErrnoException): string | undefined =>
  error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : error.code
