import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Client, ClientTable } from './clients.ts'

/** What the edge remembers of a connection. */
export type SocketState = {
  /** Requests on it that have no answer yet; more than one where they are pipelined. */
  pending: number
  /** The answer, given or not, to the youngest request. */
  last: ServerResponse | null
  /** Nothing more is read from it. */
  failed: boolean
  /** Settles when the log-in that is under way on it has ended: pipelined requests wait for each other. */
  loggingIn: Promise<unknown> | null
  /** The credentials that were verified on it last. */
  verified: { readonly header: string; readonly client: Client; readonly table: ClientTable } | null
}

export type SocketStates = (socket: Socket) => SocketState

export const socketStates = (): SocketStates => {
  const states = new WeakMap<Socket, SocketState>()
  return (socket) => {
    let state = states.get(socket)
    if (state === undefined) {
      state = { pending: 0, last: null, failed: false, loggingIn: null, verified: null }
      states.set(socket, state)
    }
    return state
  }
}
