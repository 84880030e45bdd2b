import { Client } from 'undici'

/**
 * Kept-alive connections to one ERP, one request at a time on each. undici's pool does the same but does not report
 * which connection a request used. Whether a connection was used before matters twice. A reset of a used one is no
 * failure of the ERP, and its answer may be the second answer to an earlier request.
 */
export type ErpConnections = {
  /** `isFresh`: an unused connection. Otherwise the most recently used free connection, if there is one. */
  readonly take: (isFresh: boolean) => ErpConnection
  /** Called when its request has ended. */
  readonly giveBack: (connection: ErpConnection) => void
  /** Not used again after its request has ended. */
  readonly discard: (connection: ErpConnection) => void
  readonly close: () => Promise<void>
}

export type ErpConnection = {
  readonly dispatcher: Client
  /** Called when a request is written; returns whether its connection has carried one before. */
  readonly begin: () => boolean
}

/** @param most highest number of idle connections that are kept */
export const erpConnections = (origin: string, options: Client.Options, most: number): ErpConnections => {
  const idle: ErpConnection[] = []
  const open = new Set<ErpConnection>()

  const make = (): ErpConnection => {
    let requests = 0
    const dispatcher = new Client(origin, { ...options, pipelining: 1 })
    dispatcher.on('disconnect', () => {
      requests = 0
    })
    const connection = { dispatcher, begin: () => requests++ > 0 }
    open.add(connection)
    return connection
  }
  const discard = (connection: ErpConnection): void => {
    open.delete(connection)
    void connection.dispatcher.destroy()
  }

  return {
    take: (isFresh) => (isFresh ? undefined : idle.pop()) ?? make(),
    giveBack: (connection) => {
      if (!open.has(connection)) return
      if (idle.length < most) idle.push(connection)
      else discard(connection)
    },
    discard,
    close: async () => {
      const all = [...open]
      open.clear()
      idle.length = 0
      await Promise.all(all.map(({ dispatcher }) => dispatcher.destroy()))
    },
  }
}
