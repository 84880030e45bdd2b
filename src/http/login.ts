import { hash, randomBytes } from 'node:crypto'
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PullgateError } from '../errors.ts'
import { authenticator, type Credentials } from './auth.ts'
import type { Client, ClientTable } from './clients.ts'
import { addressKey } from './failure-throttle.ts'
import type { SocketState } from './sockets.ts'

export type RequestLogin = (
  request: FastifyRequest,
  reply: FastifyReply,
  socket: SocketState,
) => Promise<Credentials> | Credentials

const REFUSED: Credentials = { kind: 'refused' }
const BUSY: Credentials = { kind: 'busy' }

/**
 * Behind a reverse proxy one socket carries many clients: the comparison's time must not show how much of a header is
 * correct.
 */
const sameText = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

type Verified = {
  readonly recall: (header: string) => Client | undefined
  readonly keep: (header: string, client: Client) => void
}

/** A secret can be written in few ways (the scheme's case), so a flood of variants gains nothing. */
const MAX_VERIFIED = 1_024

/**
 * Verified headers by a digest keyed for the process. An attacker cannot choose the digest, so the time of a plain map
 * read reveals nothing. One SHA-256 with the key in front takes 0.4 µs; an HMAC object took 12.
 */
const verifiedHeaders = (): Verified => {
  const key = randomBytes(64).toString('base64')
  const clients = new Map<string, Client>()
  const digestOf = (header: string): string => hash('sha256', key + header, 'base64')
  return {
    recall: (header) => clients.get(digestOf(header)),
    keep: (header, client) => {
      if (clients.size >= MAX_VERIFIED) clients.clear()
      clients.set(digestOf(header), client)
    },
  }
}

/** One log-in at a time on a connection: pipelined guesses take no additional turns. */
const inTurn = <T>(socket: SocketState, logIn: () => Promise<T>): Promise<T> => {
  const running = socket.loggingIn === null ? logIn() : socket.loggingIn.then(logIn)
  socket.loggingIn = running
  return running.finally(() => {
    if (socket.loggingIn === running) socket.loggingIn = null
  })
}

/**
 * Basic authentication with the plugin. A verified header is remembered for its socket: the same header under the same
 * client table costs one comparison. It is also remembered for all sockets: there it costs one digest.
 */
export const requestLogin = async (
  app: FastifyInstance,
  tables: () => ClientTable,
  onFault: (error: unknown) => void,
): Promise<RequestLogin> => {
  const authenticate = authenticator(tables, () => performance.now())
  const logins = new WeakMap<FastifyRequest, Credentials>()
  /** A new configuration is a new table, under which everything is verified again. */
  const verifiedUnder = new WeakMap<ClientTable, Verified>()
  const verifiedIn = (table: ClientTable): Verified => {
    const known = verifiedUnder.get(table) ?? verifiedHeaders()
    verifiedUnder.set(table, known)
    return known
  }

  const attempt = async (username: string, password: string, request: FastifyRequest): Promise<Credentials> => {
    try {
      const { socket } = request.raw
      return await authenticate(username, password, {
        address: addressKey(request.ip),
        isGone: () => socket.destroyed,
      })
    } catch (error) {
      onFault(error)
      return BUSY
    }
  }

  await app.register(basicAuth, {
    // RFC 9110 allows more than one space after the scheme.
    strictCredentials: false,
    // The promise must resolve to nothing or reject with an error: a boolean hangs the request, and an empty rejection
    // admits it.
    validate: async (username, password, request) => {
      const login = await attempt(username, password, request)
      logins.set(request, login)
      if (login.kind !== 'client') throw new PullgateError('unauthorized')
    },
  })

  const throughPlugin = (request: FastifyRequest, reply: FastifyReply): Promise<Credentials> =>
    new Promise((resolve) => {
      // Only the result of `validate` admits a request, whatever the plugin reports.
      app.basicAuth(request, reply, () => resolve(logins.get(request) ?? REFUSED))
    })

  return (request, reply, socket) => {
    const header = request.raw.headers.authorization
    if (header === undefined) return REFUSED
    const table = tables()
    const { verified } = socket
    if (verified !== null && verified.table === table && sameText(verified.header, header)) {
      return { kind: 'client', client: verified.client, table }
    }
    const client = verifiedIn(table).recall(header)
    if (client !== undefined) {
      socket.verified = { header, client, table }
      return { kind: 'client', client, table }
    }
    return inTurn(socket, () => throughPlugin(request, reply)).then((login) => {
      if (login.kind !== 'client') return login
      socket.verified = { header, client: login.client, table: login.table }
      verifiedIn(login.table).keep(header, login.client)
      return login
    })
  }
}
