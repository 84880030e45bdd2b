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
  /** By a signature of the body, which does not cover the headers. */
  readonly isSigned: boolean
  /** Already read where the body identifies the sender. */
  readonly bytes: Buffer | null
}

export type Identify = (
  delivery: Delivery,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Sender | Refusal | Gone>

/** Reads a body charged to an address. */
export type ReadUnknown = (delivery: Delivery, address: string) => Promise<WholeBody | Refusal | Gone>

/** Uses Basic authentication where credentials exist, else a webhook's signature. */
export const senders = (login: RequestLogin, tables: () => ClientTable, readUnknown: ReadUnknown): Identify => {
  const failures = failureThrottle()

  /**
   * The signature is checked first, and only failures are charged: senders behind one address do not pay for each
   * other.
   */
  const signer = async (delivery: Delivery, signed: Signed, address: string): Promise<Sender | Refusal | Gone> => {
    const body = await readUnknown(delivery, address)
    if (body.kind !== 'whole') return body
    const client = await signerOf(signed, body.bytes, tables())
    if (client !== null) return { kind: 'known', client, isSigned: true, bytes: body.bytes }
    const waitMs = failures.failed(address, performance.now())
    return waitMs > 0 ? refuse('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) }) : refuse('unauthorized')
  }

  return async (delivery, request, reply) => {
    const { exchange } = delivery
    const { headers } = exchange.request
    const signed = headers.authorization === undefined ? signatureOf(headers, tables()) : null
    if (signed !== null) return signer(delivery, signed, addressKey(request.ip))
    const logged = clientOf(await login(request, reply, exchange.socket))
    return logged.kind === 'known' ? { ...logged, isSigned: false, bytes: null } : logged
  }
}
