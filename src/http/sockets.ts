import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Client, ClientTable } from './clients.ts'

/** State of a connection. */
export type SocketState = {
  /** Unanswered requests on the connection; more than one where they are pipelined. */
  pending: number
  /** The response to the newest request, sent or not. */
  last: ServerResponse | null
  /** Set while nothing is read from the connection because of its unanswered requests. */
  pause: { readonly onAnswered: () => void; readonly end: () => void } | null
  /** Nothing more is read from the connection. */
  failed: boolean
  /** Settles when the current log-in on the connection has ended: pipelined requests wait for each other. */
  loggingIn: Promise<unknown> | null
  /** Settles when the newest pull on the connection has ended. */
  pulling: Promise<void> | null
  /** The last credentials that were verified on the connection. */
  verified: { readonly header: string; readonly client: Client; readonly table: ClientTable } | null
}

export type SocketStates = (socket: Socket) => SocketState

export const socketStates = (): SocketStates => {
  const states = new WeakMap<Socket, SocketState>()
  return (socket) => {
    let state = states.get(socket)
    if (state === undefined) {
      state = { pending: 0, last: null, pause: null, failed: false, loggingIn: null, pulling: null, verified: null }
      states.set(socket, state)
    }
    return state
  }
}
