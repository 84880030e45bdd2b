import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log as EventLog, NewRecord, Position } from '../../consumers/ports/log.ts'
import { type ErrorCode, errors } from '../errors.ts'
import type { ClientTable } from '../http/clients.ts'
import { deadlines } from '../http/deadlines.ts'
import type { Exchange, OpenExchange } from '../http/exchange.ts'
import type { RequestLogin } from '../http/login.ts'
import { type ErrorOptions, send, sendError } from '../http/reply.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { admit, type Gone, type Refusal } from './admit.ts'
import { byteBudget } from './byte-budget.ts'
import type { IngestTopic } from './check-batch.ts'
import { bodyReader, type WholeBody } from './read-body.ts'
import { receive } from './receive.ts'
import { senders } from './sender.ts'

/**
 * POST /events. In this order: who sends (or, where the body is signed, who has signed it), how often, what is accepted,
 * the body, what it holds; then one append, and the answer when the log has acknowledged all of it.
 */
export type IngestDeps = {
  readonly append: EventLog['append']
  readonly topic: IngestTopic
  readonly login: RequestLogin
  readonly tables: () => ClientTable
  readonly open: OpenExchange
  readonly metrics: Metrics
  readonly log: Logger
  /** From a request's arrival to its answer. */
  readonly deadlineMs: number
  readonly maxBodyBytes: number
  /** All bodies together, until they are acknowledged. */
  readonly maxBytesInFlight: number
}

/** A request under way; `reading` until its body is there. */
type Delivery = { readonly exchange: Exchange; reading: boolean }

const NOT_ACKNOWLEDGED =
  'The event log did not acknowledge in time. Some events may have been written; sending the same again is safe.'

export const ingestHandler = (deps: IngestDeps) => {
  const { append, topic, open, metrics, log } = deps
  const readBody = bodyReader(deps.maxBodyBytes, byteBudget(deps.maxBytesInFlight))
  // Signed bodies are read for somebody unknown: whoever sends many of them takes no room from those who have logged in.
  const readUnknown = bodyReader(deps.maxBodyBytes, byteBudget(deps.maxBytesInFlight / 4))
  const identify = senders(deps.login, deps.tables, readUnknown)

  const count = (status: number): void => metrics.add('pullgate_ingest_requests_total', { code: String(status) })

  const fail = (exchange: Exchange, code: ErrorCode, options?: ErrorOptions): void => {
    if (exchange.answered) return
    count(errors[code].status)
    sendError(exchange, code, options)
  }

  const succeed = (exchange: Exchange, positions: readonly Position[]): void => {
    if (exchange.answered) return
    count(200)
    metrics.add('pullgate_ingest_events_total', {}, positions.length)
    metrics.add('pullgate_ingest_seconds_total', {}, (performance.now() - exchange.arrivedMs) / 1000)
    const places = positions.map(({ partition, offset }) => `${partition}:${offset}`)
    send(exchange, 200, [], JSON.stringify({ status: 'success', data: { accepted: places.length, positions: places } }))
  }

  const waiting = deadlines<Delivery>(({ exchange, reading }) => {
    if (reading) return fail(exchange, 'request_timeout')
    log.error({ requestId: exchange.requestId }, 'the event log did not acknowledge within the deadline')
    fail(exchange, 'temporarily_unavailable', { message: NOT_ACKNOWLEDGED })
  })

  const write = async (exchange: Exchange, records: readonly NewRecord[]): Promise<void> => {
    try {
      succeed(exchange, await append(records))
    } catch (err) {
      log.error({ err, requestId: exchange.requestId }, 'published events were not acknowledged')
      fail(exchange, 'temporarily_unavailable', { message: NOT_ACKNOWLEDGED })
    }
  }

  const end = (exchange: Exchange, outcome: Refusal | Gone): void => {
    if (outcome.kind === 'refused') fail(exchange, outcome.code, outcome.options)
  }

  const deliver = async (delivery: Delivery, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { exchange } = delivery
    let body: WholeBody | null = null
    try {
      const sender = await identify(exchange, request, reply)
      if (sender.kind !== 'known') return end(exchange, sender)
      body = sender.body
      const refused = admit(sender.client, exchange.request, performance.now())
      if (refused !== null) return end(exchange, refused)
      if (body === null) {
        const read = await readBody(exchange)
        if (read.kind !== 'whole') return end(exchange, read)
        body = read
      }
      if (exchange.answered) return
      delivery.reading = false
      const received = receive(exchange.request, body.bytes, sender.client, topic)
      if (received.kind === 'refused') return end(exchange, received)
      await write(exchange, received.records)
    } finally {
      body?.release()
    }
  }

  return (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    const delivery: Delivery = { exchange: open(request.raw, reply.raw, request.id), reading: true }
    const leave = waiting.add(delivery, delivery.exchange.arrivedMs + deps.deadlineMs)
    deliver(delivery, request, reply)
      .catch((err: unknown) => {
        log.error({ err, requestId: delivery.exchange.requestId }, 'a publication ended in an unexpected error')
        fail(delivery.exchange, 'internal_error')
      })
      .finally(leave)
  }
}
