import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errors } from '../errors.ts'
import type { Logger } from '../logging.ts'
import type { OpenExchange } from './exchange.ts'
import { sendError } from './reply.ts'

const codeOfStatus = (status: number): ErrorCode =>
  (Object.keys(errors) as ErrorCode[]).find((code) => errors[code].status === status) ?? 'invalid_request'

/** Answers Fastify's own refusals by their status; an unexpected error is logged and answered without details. */
export const frameworkError =
  (open: OpenExchange, log: Logger) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    const exchange = open(request.raw, reply.raw, request.id)
    const status = error.statusCode ?? 500
    if (error.code === 'FST_ERR_BAD_URL') {
      return sendError(exchange, 'invalid_request', { message: 'The path is not validly percent-encoded.' })
    }
    if (status >= 400 && status < 500) return sendError(exchange, codeOfStatus(status))
    log.error({ err: error, requestId: exchange.requestId }, 'a request ended in an unexpected error')
    sendError(exchange, 'internal_error')
  }
