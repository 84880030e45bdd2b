import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on one port for good: what stands behind it may change, and its connections may be reset. */
export type Relay = {
  readonly port: number
  /** From now on connections go there; open ones stay where they are until `reset`. */
  readonly pointTo: (port: number) => void
  readonly reset: () => void
  readonly close: () => Promise<void>
}

export const openRelay = async (): Promise<Relay> => {
  const sockets = new Set<Socket>()
  let target = 0
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    pointTo: (port) => {
      target = port
    },
    reset,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      reset()
      await closed
    },
  }
}
