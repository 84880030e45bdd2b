import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, ClientTable } from '../http/clients.ts'
import type { Exchange } from '../http/exchange.ts'
import { addressKey, failureThrottle } from '../http/failure-throttle.ts'
import type { RequestLogin } from '../http/login.ts'
import { retrySeconds } from '../http/rate-limit.ts'
import { clientOf, type Gone, type Refusal, refuse } from './admit.ts'
import type { ReadBody, WholeBody } from './read-body.ts'
import { type Signed, signatureOf, signerOf } from './signature.ts'

export type Sender = {
  readonly kind: 'known'
  readonly client: Client
  /** Read already, where it is the body that tells who has sent it. */
  readonly body: WholeBody | null
}

export type Identify = (
  exchange: Exchange,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Sender | Refusal | Gone>

/** Basic auth wherever there are credentials; else a webhook's signature. */
export const senders = (login: RequestLogin, tables: () => ClientTable, readBody: ReadBody): Identify => {
  const throttle = failureThrottle()

  /** The body is read for somebody unknown: what fails here is throttled like a failed log-in. */
  const signer = async (exchange: Exchange, signed: Signed): Promise<Sender | Refusal | Gone> => {
    const key = addressKey(exchange.request.socket.remoteAddress)
    const waitMs = throttle.attempt(key, performance.now())
    if (waitMs > 0) return refuse('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) })
    const body = await readBody(exchange)
    if (body.kind !== 'whole') return body
    const client = signerOf(signed, body.bytes, tables())
    if (client === null) {
      body.release()
      return refuse('unauthorized')
    }
    throttle.succeeded(key)
    return { kind: 'known', client, body }
  }

  return async (exchange, request, reply) => {
    const { headers } = exchange.request
    const signed = headers.authorization === undefined ? signatureOf(headers, tables()) : null
    if (signed !== null) return signer(exchange, signed)
    const logged = clientOf(await login(request, reply, exchange.socket))
    return logged.kind === 'known' ? { ...logged, body: null } : logged
  }
}
