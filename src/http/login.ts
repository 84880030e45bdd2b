import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PullgateError } from '../errors.ts'
import { authenticator, type Login } from './auth.ts'
import type { ClientTable } from './clients.ts'
import type { SocketState } from './sockets.ts'

export type RequestLogin = (request: FastifyRequest, reply: FastifyReply, socket: SocketState) => Promise<Login> | Login

const REFUSED: Login = { kind: 'refused' }
const BUSY: Login = { kind: 'busy' }

/** Behind a reverse proxy one socket carries many callers: how much of a header is right must not show in the time. */
const sameText = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

/**
 * Basic authentication by the plugin, with what was verified on a socket remembered there: the same header on the same
 * socket under the same client table is the same client, at the price of one comparison.
 */
export const requestLogin = async (
  app: FastifyInstance,
  tables: () => ClientTable,
  onFault: (error: unknown) => void,
): Promise<RequestLogin> => {
  const authenticate = authenticator(tables, () => performance.now())
  const logins = new WeakMap<FastifyRequest, Login>()

  const attempt = async (username: string, password: string, request: FastifyRequest): Promise<Login> => {
    try {
      return await authenticate(username, password, request.raw.socket.remoteAddress)
    } catch (error) {
      onFault(error)
      return BUSY
    }
  }

  await app.register(basicAuth, {
    // It must resolve to nothing or reject with an error: a boolean hangs the request, an empty rejection lets it in.
    validate: async (username, password, request) => {
      const login = await attempt(username, password, request)
      logins.set(request, login)
      if (login.kind !== 'client') throw new PullgateError('unauthorized')
    },
  })

  const throughPlugin = (request: FastifyRequest, reply: FastifyReply): Promise<Login> =>
    new Promise((resolve) => {
      // Only what `validate` has said lets anybody in, whatever the plugin makes of it.
      app.basicAuth(request, reply, () => resolve(logins.get(request) ?? REFUSED))
    })

  return (request, reply, socket) => {
    const header = request.raw.headers.authorization
    if (header === undefined) return REFUSED
    const { verified } = socket
    if (verified !== null && verified.table === tables() && sameText(verified.header, header)) {
      return { kind: 'client', client: verified.client, table: verified.table }
    }
    return throughPlugin(request, reply).then((login) => {
      if (login.kind === 'client') socket.verified = { header, client: login.client, table: login.table }
      return login
    })
  }
}
