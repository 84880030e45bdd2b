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
import { type Delivery, openDelivery } from './delivery.ts'
import { bodyReader, NO_ROOM, type WholeBody } from './read-body.ts'
import { receive } from './receive.ts'
import { type Sender, senders } from './sender.ts'

/**
 * POST /events. The order: authentication (by log-in or by the body's signature), rate, accepted type, body, events.
 * Then one append; the answer is sent when the log has acknowledged everything.
 */
export type IngestDeps = {
  readonly append: EventLog['append']
  readonly topic: IngestTopic
  readonly login: RequestLogin
  readonly tables: () => ClientTable
  readonly open: OpenExchange
  readonly metrics: Metrics
  readonly log: Logger
  /** Milliseconds from a request's arrival to its answer. */
  readonly deadlineMs: number
  readonly maxBodyBytes: number
  /** Bytes of all bodies until they are acknowledged. */
  readonly maxBytesInFlight: number
}

/** Largest share of its kind's bytes for one client, or for one unknown sender's address. */
const SHARE = { client: 3 / 4, address: 1 / 2 }
/** Signed bodies are read for an unknown sender, who takes no room from logged-in clients. */
const UNKNOWN_PART = 1 / 4

const NOT_ACKNOWLEDGED: ErrorOptions = {
  message:
    'The event log did not acknowledge in time. Some events may have been written; sending the same again is safe.',
  reason: 'log_unavailable',
}

export const ingestHandler = (deps: IngestDeps) => {
  const { append, topic, open, metrics, log } = deps
  const readBody = bodyReader(deps.maxBodyBytes)
  const known = byteBudget(deps.maxBytesInFlight, deps.maxBytesInFlight * SHARE.client)
  const unknownBytes = deps.maxBytesInFlight * UNKNOWN_PART
  const unknown = byteBudget(unknownBytes, unknownBytes * SHARE.address)
  const identify = senders(deps.login, deps.tables, (delivery, address) =>
    readBody(delivery.exchange, delivery.hold(unknown.open(address)), delivery.over),
  )

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

  const waiting = deadlines<Delivery>((delivery) => {
    const { exchange } = delivery
    if (delivery.isReading()) fail(exchange, 'request_timeout')
    else {
      log.error({ requestId: exchange.requestId }, 'the event log did not acknowledge within the deadline')
      fail(exchange, 'temporarily_unavailable', NOT_ACKNOWLEDGED)
    }
    delivery.end()
  })

  const write = async (exchange: Exchange, records: readonly NewRecord[]): Promise<void> => {
    try {
      succeed(exchange, await append(records))
    } catch (err) {
      log.error({ err, requestId: exchange.requestId }, 'published events were not acknowledged')
      fail(exchange, 'temporarily_unavailable', NOT_ACKNOWLEDGED)
    }
  }

  const end = (exchange: Exchange, outcome: Refusal | Gone): void => {
    if (outcome.kind === 'refused') fail(exchange, outcome.code, outcome.options)
  }

  /** A signed body is already read, and its bytes are charged to the client that signed it. */
  const bodyOf = async (delivery: Delivery, { client, bytes }: Sender): Promise<WholeBody | Refusal | Gone> => {
    const holding = delivery.hold(known.open(client.username))
    if (bytes === null) return readBody(delivery.exchange, holding, delivery.over)
    return holding.take(bytes.length) ? { kind: 'whole', bytes } : NO_ROOM
  }

  const deliver = async (delivery: Delivery, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { exchange } = delivery
    const sender = await identify(delivery, request, reply)
    if (sender.kind !== 'known') return end(exchange, sender)
    const refused = admit(sender.client, exchange.request, performance.now())
    if (refused !== null) return end(exchange, refused)
    const body = await bodyOf(delivery, sender)
    if (body.kind !== 'whole') return end(exchange, body)
    if (exchange.answered) return
    delivery.hasRead()
    const received = await receive(exchange.request, body.bytes, sender, topic)
    if (received.kind === 'refused') return end(exchange, received)
    await write(exchange, received.records)
  }

  return (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    const delivery = openDelivery(open(request.raw, reply.raw, request.id))
    const leave = waiting.add(delivery, delivery.exchange.arrivedMs + deps.deadlineMs)
    deliver(delivery, request, reply)
      .catch((err: unknown) => {
        log.error({ err, requestId: delivery.exchange.requestId }, 'a publication ended in an unexpected error')
        fail(delivery.exchange, 'internal_error')
      })
      .finally(() => {
        leave()
        delivery.close()
      })
  }
}
