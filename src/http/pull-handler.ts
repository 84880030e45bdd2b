import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import { type ErrorCode, errors } from '../errors.ts'
import type { Logger } from '../logging.ts'
import type { Observe } from '../metrics/histogram.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { AnsweredPull, Pull, PullAsker, PullResult } from '../pull/port.ts'
import { acceptsJson } from './accept.ts'
import type { Credentials } from './auth.ts'
import { deadlines } from './deadlines.ts'
import type { Exchange, OpenExchange } from './exchange.ts'
import type { RequestLogin } from './login.ts'
import { parsePullQuery } from './query.ts'
import { retrySeconds } from './rate-limit.ts'
import { type ErrorOptions, sendAnswer, sendError } from './reply.ts'
import type { UnansweredPulls } from './unanswered-pulls.ts'

export type PullHandlerDeps = {
  readonly pull: Pull
  readonly login: RequestLogin
  readonly open: OpenExchange
  readonly metrics: Metrics
  readonly log: Logger
  readonly unanswered: Pick<UnansweredPulls, 'add'>
  /** Milliseconds from a request's arrival to its answer. */
  readonly deadlineMs: number
  readonly maxInProgress: number
  /** Receives every sent 200 and 422; it must return at once and never throw. */
  readonly onAnswered?: (answered: AnsweredPull) => void
}

type Admitted =
  | { readonly ok: true; readonly query: PullQuery; readonly asker: PullAsker }
  | { readonly ok: false; readonly code: ErrorCode; readonly options?: ErrorOptions }

const refuse = (code: ErrorCode, options: ErrorOptions = {}): Admitted => ({ ok: false, code, options })

/** The checks in their required order: client, rate, accepted type, query, scope. */
const admit = ({ request }: Exchange, login: Credentials, nowMs: number): Admitted => {
  if (login.kind === 'refused') return refuse('unauthorized')
  if (login.kind === 'busy') return refuse('temporarily_unavailable', { reason: 'login_busy' })
  if (login.kind === 'throttled') return refuse('rate_limited', { retryAfterSeconds: login.retryAfterSeconds })
  const { username, scope, limit } = login.client
  const waitMs = limit === null ? 0 : limit.take(nowMs)
  if (waitMs > 0) return refuse('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) })
  if (!acceptsJson(request.headers.accept)) return refuse('not_acceptable')
  if (request.headers.host === undefined && request.httpVersionMinor === 1) {
    return refuse('invalid_request', { message: 'The Host header is missing.' })
  }
  const parsed = parsePullQuery(request.url ?? '')
  if (!parsed.ok) return refuse('invalid_request', { message: parsed.message })
  const branch = parsed.query.collector_code
  const mayAsk = scope !== null && (scope === 'all' || branch === undefined || scope.has(branch))
  return mayAsk ? { ok: true, query: parsed.query, asker: { username, scope } } : refuse('forbidden')
}

/** A chain of pulls that are answered at once would otherwise run in one turn. */
const nextTurn = () => new Promise((resolve) => void setImmediate(resolve))

/** Pulls in progress of one connection that pipelines. */
const MOST_AT_ONCE = 2

/** Time reserved for sending the answer: 100 ms, or a twentieth of the deadline where that is less. */
const sendingMs = (deadlineMs: number): number => Math.min(100, deadlineMs / 20)

export const pullHandler = (deps: PullHandlerDeps) => {
  const { pull, login, open, metrics, log, unanswered } = deps
  const pullMs = deps.deadlineMs - sendingMs(deps.deadlineMs)
  const guardMs = deps.deadlineMs - sendingMs(deps.deadlineMs) / 2
  const durations = new Map<string, Map<number, Observe>>()

  const observe = (source: string, status: number, { arrivedMs, requestId }: Exchange): void => {
    const ofSource = durations.get(source) ?? new Map<number, Observe>()
    durations.set(source, ofSource)
    const known =
      ofSource.get(status) ?? metrics.observer('pullgate_pull_duration_seconds', { source, code: String(status) })
    ofSource.set(status, known)
    known((performance.now() - arrivedMs) / 1000, requestId)
  }

  const refused = (reason: 'rate_limited' | 'overload') => metrics.add('pullgate_pull_refused_total', { reason })

  const fail = (exchange: Exchange, code: ErrorCode, options?: ErrorOptions): void => {
    if (exchange.answered) return
    observe('none', errors[code].status, exchange)
    sendError(exchange, code, options)
  }

  const waiting = deadlines<Exchange>((exchange) => {
    log.error({ requestId: exchange.requestId }, 'a pull did not keep its deadline')
    fail(exchange, 'temporarily_unavailable', { reason: 'deadline' })
  })
  metrics.onScrape(() => metrics.set('pullgate_pulls_in_progress', {}, waiting.size()))

  const finish = (exchange: Exchange, result: PullResult): void => {
    if (exchange.answered) return
    if (result.kind === 'answer') {
      observe(result.source, result.status, exchange)
      return sendAnswer(exchange, result)
    }
    const { code, reason, retryAfterSeconds, branch = null } = result
    if (code !== 'forbidden') unanswered.add({ branch, code, reason, requestId: exchange.requestId })
    fail(exchange, code, {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(reason !== undefined && { reason }),
    })
  }

  const answer = async (exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const leave = waiting.add(exchange, exchange.arrivedMs + guardMs)
    try {
      const logged = login(request, reply, exchange.socket)
      const who = logged instanceof Promise ? await logged : logged
      if (exchange.answered) return
      const admitted = admit(exchange, who, performance.now())
      if (!admitted.ok) {
        if (who.kind === 'client' && admitted.code === 'rate_limited') refused('rate_limited')
        return fail(exchange, admitted.code, admitted.options)
      }
      const deadline = exchange.arrivedMs + pullMs
      const result = await pull(admitted.query, admitted.asker, deadline, exchange.requestId)
      const isOpen = !exchange.answered && !exchange.response.destroyed
      finish(exchange, result)
      if (isOpen && result.kind === 'answer' && who.kind === 'client' && deps.onAnswered) {
        const { query } = admitted
        deps.onAnswered({ client: who.client.username, requestId: exchange.requestId, query, answer: result })
      }
    } catch (err) {
      log.error({ err, requestId: exchange.requestId }, 'a pull ended in an unexpected error')
      fail(exchange, 'internal_error')
    } finally {
      leave()
    }
  }

  return (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    const exchange = open(request.raw, reply.raw, request.id)
    if (waiting.size() >= deps.maxInProgress) {
      refused('overload')
      return fail(exchange, 'temporarily_unavailable', { reason: 'overload' })
    }
    const { socket } = exchange
    const begin = () => answer(exchange, request, reply)
    // Answers leave in order anyway: a deep pipeline takes its turns one after the other.
    socket.pulling =
      socket.pulling !== null && socket.pending > MOST_AT_ONCE ? socket.pulling.then(nextTurn).then(begin) : begin()
  }
}
