import { METHODS, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { LiveConfig } from '../config/live.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Pull } from '../pull/port.ts'
import { type ClientTable, clientTables } from './clients.ts'
import { countedLogin } from './counted-login.ts'
import { drainGrace } from './drain-grace.ts'
import { type Draining, exchanges, type OpenExchange } from './exchange.ts'
import { frameworkError } from './framework-error.ts'
import { defaultLimits, type HttpLimits } from './limits.ts'
import { type RequestLogin, requestLogin } from './login.ts'
import { type PullHandlerDeps, pullHandler } from './pull-handler.ts'
import { readPauses } from './read-pauses.ts'
import { rawError, send, sendError } from './reply.ts'
import { requestIds } from './request-id.ts'
import { refuseSocket, socketErrors } from './socket-errors.ts'
import { type SocketStates, socketStates } from './sockets.ts'
import { trustedProxies } from './trusted-proxies.ts'
import { unansweredPulls } from './unanswered-pulls.ts'

/** What the server provides to the handler of `POST /events`. */
export type IngestEdge = {
  readonly login: RequestLogin
  readonly tables: () => ClientTable
  readonly open: OpenExchange
  readonly deadlineMs: number
  readonly maxBodyBytes: number
  readonly maxBytesInFlight: number
}

export type ServerDeps = {
  readonly live: LiveConfig
  readonly pull: Pull
  /** Creates the handler of `POST /events`. The ingest layer is above this one, so the role mounts it. */
  readonly mountIngest: (edge: IngestEdge) => (request: FastifyRequest, reply: FastifyReply) => void
  /** Receives every sent 200 and 422. */
  readonly onAnswered?: PullHandlerDeps['onAnswered']
  readonly metrics: Metrics
  readonly log: Logger
  readonly limits?: HttpLimits
}

export type HttpServer = {
  readonly port: number
  /** `close` was called: readiness checks must fail from then on. */
  readonly isDraining: () => boolean
  /**
   * Lets clients leave first (`lameDuckMs`), then refuses new connections and lets requests in progress end. Closes
   * what is still open after `drainMs`.
   */
  readonly close: () => Promise<void>
}

/** Where publishers without Kafka post their events. */
const EVENTS_PATH = '/events'
/** The path that load balancers check, without credentials. */
const HEALTH_PATH = '/healthz'

/**
 * The partner's HTTP server, listening. Every answer, including the framework's own, is in the envelope and has a
 * request id.
 */
export const buildServer = async (deps: ServerDeps): Promise<HttpServer> => {
  const { live, pull, mountIngest, metrics, log, limits = defaultLimits, onAnswered } = deps
  const { http, pull: settings } = live.current()
  const draining: Draining = { value: false }
  const states = socketStates()
  const pauses = readPauses(states)
  const open = exchanges(states, draining, pauses)
  const app = fastify(deps, limits, states, open)
  app.server.on('connection', pauses.onConnection)

  const tables = clientTables(live)
  const verify = await requestLogin(app, tables, (err) => log.error({ err }, 'a secret was not verified'))
  const login = countedLogin(verify, metrics)
  const { path, deadline_ms: deadlineMs } = settings
  const maxInProgress = limits.maxPullsInProgress
  const unanswered = unansweredPulls({ log, branches: () => live.current().branches })
  const parts = { pull, login, open, metrics, log, unanswered, ...(onAnswered && { onAnswered }) }
  app.get(path, pullHandler({ ...parts, deadlineMs, maxInProgress }))
  refuseOtherMethods(app, path, 'GET', open)
  const { maxBodyBytes, maxEventBytesInFlight: maxBytesInFlight } = limits
  const post = mountIngest({ login: verify, tables, open, deadlineMs, maxBodyBytes, maxBytesInFlight })
  app.route({ method: 'POST', url: EVENTS_PATH, onRequest: post, handler: () => {} })
  refuseOtherMethods(app, EVENTS_PATH, 'POST', open)
  app.route({ method: ['GET', 'HEAD'], url: HEALTH_PATH, onRequest: health(open), handler: () => {} })
  refuseOtherMethods(app, HEALTH_PATH, 'GET, HEAD', open)
  await app.register(async (scope) => refuseOtherPaths(scope, open))

  const closeUnused = unusedConnections(app.server)
  await app.listen({ host: http.host, port: http.port })
  const close = async () => {
    draining.value = true
    closeUnused()
    await drainGrace(app.server, limits.lameDuckMs)
    const timer = setTimeout(() => app.server.closeAllConnections(), limits.drainMs)
    await app.close()
    clearTimeout(timer)
    unanswered.close()
  }
  return { port: (app.server.address() as AddressInfo).port, isDraining: () => draining.value, close }
}

const fastify = ({ live, log }: ServerDeps, limits: HttpLimits, states: SocketStates, open: OpenExchange) => {
  const newId = requestIds()
  const onError = frameworkError(open, log)
  const allowed = new Map([
    [live.current().pull.path, 'GET'],
    [EVENTS_PATH, 'POST'],
    [HEALTH_PATH, 'GET, HEAD'],
  ])
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    genReqId: newId,
    // `request.ip` is the client behind the proxies. Fastify reads the header; this function decides which addresses
    // are trusted.
    trustProxy: trustedProxies(live),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.idleSocketMs,
    keepAliveTimeout: limits.keepAliveMs,
    routerOptions: { maxParamLength: limits.maxHeaderBytes },
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      // Node's own answer to a missing Host is not in the envelope, so the handler checks the header.
      requireHostHeader: false,
    },
    clientErrorHandler: socketErrors(states, allowed, () => newId(null)),
    frameworkErrors: onError,
  })
  app.setErrorHandler(onError)
  app.server.maxConnections = limits.maxConnections
  // Unknown expectations may be ignored; Node's own 417 is not in the envelope.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // A handler that refuses a body does so before it requests the body.
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response))
  app.server.on('connect', (request, socket) => {
    refuseSocket(request.socket, rawError('not_found', newId(request)))
    socket.on('error', () => socket.destroy())
  })
  return app
}

/** Node's own draining closes connections that are idle after a request, but not connections without any request. */
const unusedConnections = (server: Server): (() => void) => {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}

const health = (open: OpenExchange) => (request: FastifyRequest, reply: FastifyReply) => {
  reply.hijack()
  const exchange = open(request.raw, reply.raw, request.id)
  const ending = { message: 'This gateway is ending.', reason: 'draining' } as const
  if (exchange.draining.value) sendError(exchange, 'temporarily_unavailable', ending)
  else send(exchange, 200, [], '{"status":"ok"}')
}

/** Runs before a body is read or a credential is checked. */
const refuseOtherMethods = (app: FastifyInstance, path: string, allow: string, open: OpenExchange): void => {
  const others = METHODS.filter((method) => !allow.split(', ').includes(method) && method !== 'CONNECT')
  for (const method of others) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  const onRequest = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    sendError(open(request.raw, reply.raw, request.id), 'method_not_allowed', { allow })
  }
  app.route({ method: others, url: path, onRequest, handler: () => {} })
}

/** In its own scope, so that the hook costs the known paths nothing. */
const refuseOtherPaths = (scope: FastifyInstance, open: OpenExchange): void => {
  scope.addHook('onRequest', (request, reply, _done) => {
    reply.hijack()
    sendError(open(request.raw, reply.raw, request.id), 'not_found')
  })
  scope.setNotFoundHandler(() => {})
}
