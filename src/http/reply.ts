import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { type ErrorCode, envelope, errors } from '../errors.ts'
import type { PullAnswer } from '../pull/port.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'
const CHALLENGE = 'Basic realm="pullgate", charset="UTF-8"'

export type ErrorOptions = {
  readonly message?: string
  readonly retryAfterSeconds?: number
  readonly allow?: string
}

/** One error of the table, in the envelope of every error. */
export const sendError = (reply: FastifyReply, code: ErrorCode, options: ErrorOptions = {}): FastifyReply => {
  const { status } = errors[code]
  reply.code(status).header('Content-Type', JSON_TYPE)
  if (status === 401) reply.header('WWW-Authenticate', CHALLENGE)
  if (options.allow !== undefined) reply.header('Allow', options.allow)
  if (status === 429 || status === 503) reply.header('Retry-After', String(options.retryAfterSeconds ?? 1))
  return reply.send(envelope(code, options.message))
}

/** The answer's bytes unchanged, and in the headers where they come from and how fresh they are. */
export const sendAnswer = (reply: FastifyReply, answer: PullAnswer): FastifyReply => {
  reply.code(answer.status)
  reply.header('Content-Type', JSON_TYPE)
  reply.header('X-Pullgate-Source', answer.source)
  reply.header('X-Pullgate-As-Of', new Date(answer.asOfMs).toISOString())
  if (answer.version !== undefined) reply.header('X-Pullgate-Version', answer.version)
  if (answer.reason !== undefined) reply.header('X-Pullgate-Reason', answer.reason)
  if (answer.ageSeconds !== undefined) reply.header('Age', String(answer.ageSeconds))
  return reply.send(Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body))
}

/** What is written to a socket on which no request could be read. */
export const rawError = (code: ErrorCode, requestId: string): string => {
  const { status } = errors[code]
  const body = envelope(code)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
