import type { AddressInfo, Socket } from 'node:net'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { LiveConfig } from '../config/live.ts'
import { type ErrorCode, errors, PullgateError } from '../errors.ts'
import type { Log } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Pull } from '../pull/port.ts'
import { clientTables } from './clients.ts'
import { defaultLimits, type HttpLimits } from './limits.ts'
import { requestLogin } from './login.ts'
import { pullHandler } from './pull-handler.ts'
import { rawError, sendError } from './reply.ts'
import { requestIds } from './request-id.ts'

export type ServerDeps = {
  readonly live: LiveConfig
  readonly pull: Pull
  readonly metrics: Metrics
  readonly log: Log
  readonly limits?: HttpLimits
}

export type HttpServer = { readonly port: number; readonly close: () => Promise<void> }

/** The partner's port, listening. Every answer, the framework's own too, is in the envelope and bears a request id. */
export const buildServer = async ({
  live,
  pull,
  metrics,
  log,
  limits = defaultLimits,
}: ServerDeps): Promise<HttpServer> => {
  const newId = requestIds()
  const { host, port } = live.current().http
  const { path } = live.current().pull
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleSocketMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
    },
    clientErrorHandler: (error, socket) => refuseSocket(error, socket as Socket, newId(null)),
    frameworkErrors: (_error, request, reply) => {
      prepare(request, reply, newId)
      return void sendError(reply, 'invalid_request', { message: 'The URL is not valid.' })
    },
  })
  app.server.maxConnections = limits.maxConnections
  app.addHook('onRequest', (request, reply, done) => {
    prepare(request, reply, newId)
    done()
  })
  app.setNotFoundHandler((request, reply) => notFound(request, reply, path))
  app.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply, log))

  const login = await requestLogin(app, clientTables(live))
  const handler = pullHandler({ live, pull, metrics, login, limits })
  app.get(path, handler)

  await app.listen({ host, port })
  return {
    port: (app.server.address() as AddressInfo).port,
    close: () => drain(app, limits.drainMs),
  }
}

const prepare = (request: FastifyRequest, reply: FastifyReply, newId: ReturnType<typeof requestIds>): void => {
  reply.header('X-Request-Id', newId(request.raw))
  reply.header('Cache-Control', 'no-store')
}

const notFound = (request: FastifyRequest, reply: FastifyReply, path: string): FastifyReply => {
  const [asked] = request.raw.url?.split('?', 1) ?? []
  return asked === path ? sendError(reply, 'method_not_allowed', { allow: 'GET' }) : sendError(reply, 'not_found')
}

/** Whatever a handler throws: our own errors by their code, the framework's by their status, bugs without details. */
const refuse = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply => {
  if (error instanceof PullgateError) return sendError(reply, error.code)
  const status = error.statusCode ?? 500
  const code = (Object.keys(errors) as ErrorCode[]).find((known) => errors[known].status === status)
  if (status < 500) return sendError(reply, code ?? 'invalid_request')
  log.error({ err: error }, 'a request ended in an unexpected error')
  return sendError(reply, 'internal_error')
}

const SOCKET_ERRORS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

const refuseSocket = (error: Error & { code?: string }, socket: Socket, requestId: string): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  socket.end(rawError(SOCKET_ERRORS[error.code ?? ''] ?? 'invalid_request', requestId), () => socket.destroy())
}

/** Takes no new connections, lets requests in progress end, and closes what is still open after that time. */
const drain = async (app: FastifyInstance, drainMs: number): Promise<void> => {
  const timer = setTimeout(() => app.server.closeAllConnections(), drainMs)
  await app.close()
  clearTimeout(timer)
}
