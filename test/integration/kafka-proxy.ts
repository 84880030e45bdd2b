import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A TCP proxy between a client and its brokers, in this process: real connections that can go silent, be reset, or be
 * refused. `route` is what the client under test is given; every address gets a listener of its own.
 */
export type TcpProxy = {
  readonly route: (host: string, port: number) => { readonly host: string; readonly port: number }
  /** Connections stay open and nothing passes any more. */
  readonly silence: () => void
  /** What was held back passes on, and everything after it. */
  readonly speak: () => void
  readonly reset: () => void
  /** How many are open. */
  readonly connections: () => number
  /** Bytes that the brokers have sent. */
  readonly received: () => number
  /** New connections are refused, open ones are reset. */
  readonly refuse: () => void
  readonly accept: () => void
  readonly close: () => Promise<void>
}

export const startProxy = async (brokers: readonly string[]): Promise<TcpProxy> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  const servers = new Map<string, Server>()
  let silent = false
  let refusing = false
  let received = 0

  const listen = (address: string): Promise<Server> => {
    const [host, port] = address.split(':')
    const server = createServer((client) => {
      if (refusing) return void client.resetAndDestroy()
      const upstream = connect({ host: host!, port: Number(port) })
      const pair = [client, upstream] as const
      pairs.add(pair)
      for (const [from, to] of [pair, [upstream, client] as const]) {
        from.setNoDelay(true)
        from.on('data', (data) => to.write(data))
        from.on('error', () => to.destroy())
        from.on('close', () => {
          to.destroy()
          pairs.delete(pair)
        })
        if (silent) from.pause()
      }
      upstream.on('data', (data) => {
        received += data.length
      })
    })
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
  }

  for (const broker of brokers) servers.set(broker, await listen(broker))

  const each = (act: (socket: Socket) => void): void => {
    for (const pair of pairs) for (const socket of pair) act(socket)
  }
  const reset = (): void => each((socket) => void socket.resetAndDestroy())

  return {
    route: (host, port) => {
      const server = servers.get(`${host}:${port}`)
      if (server === undefined) throw new Error(`the proxy knows no ${host}:${port}`)
      return { host: '127.0.0.1', port: (server.address() as { port: number }).port }
    },
    silence: () => {
      silent = true
      each((socket) => void socket.pause())
    },
    speak: () => {
      silent = false
      each((socket) => void socket.resume())
    },
    reset,
    connections: () => pairs.size,
    received: () => received,
    refuse: () => {
      refusing = true
      reset()
    },
    accept: () => {
      refusing = false
    },
    close: async () => {
      reset()
      await Promise.all([...servers.values()].map((server) => new Promise((done) => server.close(done))))
    },
  }
}
