import { Client } from 'undici'

/**
 * Kept-alive connections to one ERP, one request at a time on each. undici's pool does the same but does not say on which
 * connection a request went out, and whether that one was used before decides twice: a reset of a used one is no failure
 * of the ERP, and what comes over it may be the second answer to a request before.
 */
export type ErpConnections = {
  /** `isFresh`: one that has carried nothing. Else the one that was used last, if one is free. */
  readonly take: (isFresh: boolean) => ErpConnection
  /** Once its request has ended. */
  readonly giveBack: (connection: ErpConnection) => void
  /** Never used again, once its request has ended. */
  readonly discard: (connection: ErpConnection) => void
  readonly close: () => Promise<void>
}

export type ErpConnection = {
  readonly dispatcher: Client
  /** A request is being written: whether its connection has carried one before. */
  readonly begin: () => boolean
}

/** @param most connections that are kept while they are idle */
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
