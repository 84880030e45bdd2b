import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from '../errors.ts'
import { acceptsJson } from '../http/accept.ts'
import type { Credentials } from '../http/auth.ts'
import type { Client } from '../http/clients.ts'
import { retrySeconds } from '../http/rate-limit.ts'
import type { ErrorOptions } from '../http/reply.ts'

export type Refusal = { readonly kind: 'refused'; readonly code: ErrorCode; readonly options?: ErrorOptions }

/** The client is gone, so no answer is sent. */
export type Gone = { readonly kind: 'gone' }

export const refuse = (code: ErrorCode, options: ErrorOptions = {}): Refusal => ({ kind: 'refused', code, options })

type KnownSender = { readonly kind: 'known'; readonly client: Client }

export const clientOf = (login: Credentials): KnownSender | Refusal => {
  switch (login.kind) {
    case 'client':
      return { kind: 'known', client: login.client }
    case 'refused':
      return refuse('unauthorized')
    case 'busy':
      return refuse('temporarily_unavailable', { reason: 'login_busy' })
    case 'throttled':
      return refuse('rate_limited', { retryAfterSeconds: login.retryAfterSeconds })
  }
}

/** The checks between authentication and the body, in their order. */
export const admit = ({ limit }: Client, request: IncomingMessage, nowMs: number): Refusal | null => {
  const waitMs = limit === null ? 0 : limit.take(nowMs)
  if (waitMs > 0) return refuse('rate_limited', { retryAfterSeconds: retrySeconds(waitMs) })
  if (!acceptsJson(request.headers.accept)) return refuse('not_acceptable')
  if (request.headers.host === undefined && request.httpVersionMinor === 1)
    return refuse('invalid_request', { message: 'The Host header is missing.' })
  return null
}
