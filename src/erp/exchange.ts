import type { Dispatcher } from 'undici'
import { type ErpClock, expireAt } from './clock.ts'
import type { ErpConnection } from './connections.ts'

/** One request and its result, not yet judged. */
export type ErpExchange =
  | {
      readonly kind: 'response'
      readonly status: number
      readonly headers: ResponseHeaders
      /** Complete for a 200 or 422; the body of other answers is not read. */
      readonly body: Uint8Array
      /** Unix milliseconds at which the answer's head arrived. */
      readonly saidAtMs: number
      /** The connection had carried an earlier request: this may be a second answer to it. */
      readonly isOnUsed: boolean
    }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'timeout' }
  /**
   * `code` is the name that Node, OpenSSL or undici gives. `isStale`: a used connection broke before an answer began;
   * the ERP may have closed it while it was idle.
   */
  | { readonly kind: 'connection'; readonly code: string | undefined; readonly isStale: boolean }

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

export const maxAnswerBytes = 1_048_576

/** A small unused body is read to its end, so that the connection can be used again. */
const maxDrainedBytes = 65_536

const nothing = new Uint8Array(0)
const hangUp = new Error('the gateway hung up')

const isAnswer = (status: number): boolean => status === 200 || status === 422

/**
 * One GET over a connection. The promise settles when the outcome is known. `onSettled` is called exactly once, when
 * the call has really ended. After a timeout that may be later, because the connection may still be opening. `hungUp`:
 * the ERP may not have noticed yet.
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
    /** A status that is no answer is sufficient by itself, whatever happens to its body. */
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

/** Happy eyeballs reports one error for several addresses. */
const codeOf = (error: NodeJS.ErrnoException): string | undefined =>
  error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : error.code
