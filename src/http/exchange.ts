import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReadPauses } from './read-pauses.ts'
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

export type OpenExchange = (request: IncomingMessage, response: ServerResponse, requestId: string) => Exchange

export const exchanges =
  (states: SocketStates, draining: Draining, pauses: ReadPauses): OpenExchange =>
  (request, response, requestId) => {
    const socket = states(request.socket)
    socket.pending += 1
    socket.last = response
    pauses.onRequest(request.socket, socket)
    return { request, response, requestId, socket, draining, arrivedMs: performance.now(), answered: false }
  }
