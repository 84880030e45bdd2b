import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SocketState, SocketStates } from './sockets.ts'

/** Set once when the server begins to close: every later answer ends its connection. */
export type Draining = { value: boolean }

/** One request and its one answer. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly socket: SocketState
  readonly draining: Draining
  /** `performance.now()`. */
  readonly arrivedMs: number
  answered: boolean
}

/**
 * Unanswered requests of one connection. Beyond them the connection is closed: a client that pipelines without end had
 * 5,000 pulls in progress, and another client's waited 8 s.
 */
const MOST_PIPELINED = 512

export type OpenExchange = (request: IncomingMessage, response: ServerResponse, requestId: string) => Exchange

export const exchanges =
  (states: SocketStates, draining: Draining): OpenExchange =>
  (request, response, requestId) => {
    const socket = states(request.socket)
    socket.pending += 1
    socket.last = response
    const isTooMany = socket.pending > MOST_PIPELINED
    if (isTooMany) request.socket.destroy()
    return { request, response, requestId, socket, draining, arrivedMs: performance.now(), answered: isTooMany }
  }
