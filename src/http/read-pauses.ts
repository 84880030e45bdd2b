import type { Socket } from 'node:net'
import type { SocketState, SocketStates } from './sockets.ts'

/** Unanswered requests of one connection. Above them, nothing more is read from it. */
const PAUSED_ABOVE = 8
/** Unanswered requests of a paused connection at which it is queued to be read again. */
const QUEUED_AT = 2
/** Unanswered requests of all paused connections. Above them, no paused connection is read again. */
const MOST_UNANSWERED = 4096
/** This many requests in one turn of the event loop leave room for other work. */
const FEW_REQUESTS = 64
/** Connections that are read in one turn if they bring few requests. */
const READS_AT_MOST = 32
/** After a pause, new connections wait for their turn for this time. */
const STRAINED_MS = 1000
/** Time until the queue is looked at again if no paused connection may be read. */
const LOOK_AGAIN_MS = 5

export type ReadPauses = {
  readonly onConnection: (socket: Socket) => void
  /** For each request, after its connection has counted it. */
  readonly onRequest: (socket: Socket, state: SocketState) => void
}

/**
 * Pauses connections that pipeline requests, and reads from few of them in a turn of the event loop.
 *
 * Node parses everything that a read brings: hundreds of requests in 64 KiB. With 100 such connections in each turn,
 * another client's pull waited for seconds. A client that waits for each answer is never paused.
 *
 *     reading → paused: more than PAUSED_ABOVE requests are unanswered
 *     paused → queued:  QUEUED_AT are left
 *     queued → reading: its turn comes
 *     new → queued:     another connection was paused in the last second
 */
export const readPauses = (states: SocketStates): ReadPauses => {
  /** New connections do not wait for those that pipeline. */
  const fresh = new Set<Socket>()
  const paused = new Set<Socket>()
  let unanswered = 0
  let strainedUntilMs = 0
  let requests = 0
  let readsInTurn = 1

  const enqueue = (queue: Set<Socket>, socket: Socket): void => {
    if (fresh.size + paused.size === 0) setImmediate(readNext)
    queue.add(socket)
  }

  const pause = (socket: Socket, state: SocketState): void => {
    const onResume = () => socket.pause()
    unanswered += state.pending
    state.pause = {
      onAnswered: () => {
        unanswered -= 1
        if (state.pending === QUEUED_AT) enqueue(paused, socket)
      },
      end: () => {
        unanswered -= state.pending
        state.pause = null
        socket.off('resume', onResume)
        socket.resume()
      },
    }
    // Node itself resumes a connection when it has read a request.
    socket.on('resume', onResume)
    socket.pause()
  }

  const readFrom = (queue: Set<Socket>): void => {
    for (const socket of [...queue].slice(0, readsInTurn)) {
      queue.delete(socket)
      states(socket).pause?.end()
    }
  }

  const readNext = (): void => {
    readsInTurn = requests > FEW_REQUESTS ? 1 : Math.min(2 * readsInTurn, READS_AT_MOST)
    requests = 0
    readFrom(fresh)
    const hasRoom = unanswered < MOST_UNANSWERED
    if (hasRoom) readFrom(paused)
    if (fresh.size > 0 || (paused.size > 0 && hasRoom)) setImmediate(readNext)
    else if (paused.size > 0) setTimeout(readNext, LOOK_AGAIN_MS)
  }

  return {
    onConnection: (socket) => {
      if (performance.now() > strainedUntilMs) return
      pause(socket, states(socket))
      enqueue(fresh, socket)
    },
    onRequest: (socket, state) => {
      requests += 1
      if (state.pause !== null) unanswered += 1
      if (state.pending <= PAUSED_ABOVE) return
      strainedUntilMs = performance.now() + STRAINED_MS
      if (state.pause === null) pause(socket, state)
    },
  }
}
