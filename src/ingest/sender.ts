import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, ClientTable } from '../http/clients.ts'
import { addressKey, failureThrottle } from '../http/failure-throttle.ts'
import type { RequestLogin } from '../http/login.ts'
import { retrySeconds } from '../http/rate-limit.ts'
import { clientOf, type Gone, type Refusal, refuse } from './admit.ts'
import type { Delivery } from './delivery.ts'
import type { WholeBody } from './read-body.ts'
import { type Signed, signatureOf, signerOf } from './signature.ts'

export type Sender = {
  readonly kind: 'known'
  readonly client: Client
  /** By a signature of the body, which says nothing about the headers. */
  readonly isSigned: boolean
  /** Read already, where it is the body that tells who has sent it. */
  readonly bytes: Buffer | null
}

export type Identify = (
  delivery: Delivery,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Sender | Refusal | Gone>

/** Reads a body on the account of an address. */
export type ReadUnknown = (delivery: Delivery, address: string) => Promise<WholeBody | Refusal | Gone>

/** Basic auth wherever there are credentials; else a webhook's signature. */
export const senders = (login: RequestLogin, tables: () => ClientTable, readUnknown: ReadUnknown): Identify => {
  const throttle = failureThrottle()

  /** The body is read for somebody unknown: what fails here is throttled like a failed log-in. */
  const signer = async (delivery: Delivery, signed: Signed): Promise<Sender | Refusal | Gone> => {
    const key = addressKey(delivery.exchange.request.socket.remoteAddress)
    const waitMs = throttle.attempt(key, performance.now())
    if (waitMs > 0) return refuse('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) })
    const body = await readUnknown(delivery, key)
    if (body.kind !== 'whole') return body
    const client = signerOf(signed, body.bytes, tables())
    if (client === null) return refuse('unauthorized')
    throttle.succeeded(key)
    return { kind: 'known', client, isSigned: true, bytes: body.bytes }
  }

  return async (delivery, request, reply) => {
    const { exchange } = delivery
    const { headers } = exchange.request
    const signed = headers.authorization === undefined ? signatureOf(headers, tables()) : null
    if (signed !== null) return signer(delivery, signed)
    const logged = clientOf(await login(request, reply, exchange.socket))
    return logged.kind === 'known' ? { ...logged, isSigned: false, bytes: null } : logged
  }
}
