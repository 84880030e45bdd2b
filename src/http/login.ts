import type { Socket } from 'node:net'
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PullgateError } from '../errors.ts'
import { authenticator, type Login } from './auth.ts'
import type { Client, ClientTable } from './clients.ts'

/** `refused` also for a header that is missing or none of Basic's. */
export type RequestLogin = (request: FastifyRequest, reply: FastifyReply) => Promise<Login> | Login

type Verified = { readonly header: string; readonly client: Client; readonly table: ClientTable }

const REFUSED: Login = { kind: 'refused' }

/**
 * Basic authentication by the plugin, with what was verified on a socket remembered there: the same header on the same
 * socket under the same client table is the same client, at the price of one comparison. The header came from this very
 * client before, so comparing it tells nobody anything new.
 */
export const requestLogin = async (app: FastifyInstance, tables: () => ClientTable): Promise<RequestLogin> => {
  const authenticate = authenticator(tables, () => performance.now())
  const verified = new WeakMap<Socket, Verified>()
  const logins = new WeakMap<FastifyRequest, Login>()

  await app.register(basicAuth, {
    // It must resolve to nothing or reject with an error: a boolean hangs the request, an empty rejection lets it in.
    validate: async (username, password, request) => {
      const login = await authenticate(username, password, request.socket.remoteAddress)
      logins.set(request, login)
      if (login.kind !== 'client') throw new PullgateError('unauthorized')
    },
  })

  const throughPlugin = (request: FastifyRequest, reply: FastifyReply): Promise<Login> =>
    new Promise((resolve) => {
      app.basicAuth(request, reply, (error) => {
        const login = logins.get(request) ?? REFUSED
        resolve(error && login.kind === 'client' ? REFUSED : login)
      })
    })

  return (request, reply) => {
    const header = request.raw.headers.authorization
    if (header === undefined) return REFUSED
    const { socket } = request.raw
    const known = verified.get(socket)
    if (known?.header === header && known.table === tables())
      return { kind: 'client', client: known.client, table: known.table }
    return throughPlugin(request, reply).then((login) => {
      if (login.kind === 'client') verified.set(socket, { header, client: login.client, table: login.table })
      return login
    })
  }
}
