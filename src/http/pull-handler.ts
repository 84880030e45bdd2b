import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LiveConfig } from '../config/live.ts'
import { type ErrorCode, errors } from '../errors.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Pull, PullResult, Scope } from '../pull/port.ts'
import { acceptsJson } from './accept.ts'
import type { HttpLimits } from './limits.ts'
import type { RequestLogin } from './login.ts'
import { parsePullQuery } from './query.ts'
import { retrySeconds } from './rate-limit.ts'
import { type ErrorOptions, sendAnswer, sendError } from './reply.ts'

export type PullHandlerDeps = {
  readonly live: LiveConfig
  readonly pull: Pull
  readonly metrics: Metrics
  readonly login: RequestLogin
  readonly limits: Pick<HttpLimits, 'maxPullsInProgress'>
}

type Observe = (seconds: number) => void

/** What a pull leaves of its time for the answer to get out. */
const SENDING_MS = 50

/** One pull through the checks in their order: who, how often, what is accepted, what is asked, what may be seen. */
export const pullHandler = ({ live, pull, metrics, login, limits }: PullHandlerDeps) => {
  const durations = new Map<string, Observe>()
  let inProgress = 0
  metrics.onScrape(() => metrics.set('pullgate_pulls_in_progress', {}, inProgress))

  const observe = (source: string, status: number, began: number): void => {
    const key = `${source} ${status}`
    const known =
      durations.get(key) ?? metrics.observer('pullgate_pull_duration_seconds', { source, code: String(status) })
    durations.set(key, known)
    known((performance.now() - began) / 1000)
  }

  const answer = async (request: FastifyRequest, reply: FastifyReply, began: number): Promise<FastifyReply> => {
    const fail = (code: ErrorCode, options?: ErrorOptions): FastifyReply => {
      observe('none', errors[code].status, began)
      return sendError(reply, code, options)
    }
    const logged = login(request, reply)
    const who = logged instanceof Promise ? await logged : logged
    if (who.kind === 'throttled') return fail('rate_limited', { retryAfterSeconds: who.retryAfterSeconds })
    if (who.kind === 'busy') return fail('temporarily_unavailable')
    if (who.kind === 'refused') return fail('unauthorized')
    const { scope, limit } = who.client
    const waitMs = limit?.take(performance.now()) ?? 0
    if (waitMs > 0) return fail('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) })
    if (!acceptsJson(request.raw.headers.accept)) return fail('not_acceptable')
    const parsed = parsePullQuery(request.raw.url ?? '')
    if (!parsed.ok) return fail('invalid_request', { message: parsed.message })
    if (scope === null || !maySee(scope, parsed.query.collector_code)) return fail('forbidden')
    if (inProgress >= limits.maxPullsInProgress) return fail('temporarily_unavailable')

    inProgress += 1
    try {
      const deadline = began + live.current().pull.deadline_ms - SENDING_MS
      const id = String(reply.getHeader('X-Request-Id'))
      const result = await inTime(pull(parsed.query, scope, deadline, id), deadline)
      if (result.kind === 'answer') {
        observe(result.source, result.status, began)
        return sendAnswer(reply, result)
      }
      const { code, retryAfterSeconds } = result
      return fail(code, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
    } finally {
      inProgress -= 1
    }
  }

  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    answer(request, reply, performance.now())
}

const maySee = (scope: Scope, collectorCode: string | undefined): boolean =>
  scope === 'all' || collectorCode === undefined || scope.has(collectorCode)

const LATE: PullResult = { kind: 'failure', code: 'temporarily_unavailable' }

/** A pull keeps its deadline by itself; should it ever not, the partner still gets an answer. */
const inTime = (result: Promise<PullResult>, deadline: number): Promise<PullResult> => {
  let timer: NodeJS.Timeout
  const late = new Promise<PullResult>((resolve) => {
    timer = setTimeout(resolve, deadline - performance.now(), LATE)
  })
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}
