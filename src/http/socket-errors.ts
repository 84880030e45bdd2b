import { METHODS } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '../errors.ts'
import { type ErrorOptions, rawError } from './reply.ts'
import type { SocketStates } from './sockets.ts'

/** The error of Node's HTTP parser for bytes that are not a valid request. */
export type SocketError = Error & { readonly code?: string; readonly rawPacket?: unknown }

/** Milliseconds for which further bytes of the peer are read and dropped, so that no reset overtakes the answer. */
const LINGER_MS = 500

/** The one method of each path. */
export type Allowed = ReadonlyMap<string, string>

type SocketRefusal = { readonly code: ErrorCode; readonly options?: ErrorOptions }

/** The parser has a fixed list of methods and calls any other one invalid; to the sender the method is unsupported. */
const unknownMethod = (packet: unknown, allowed: Allowed): SocketRefusal => {
  const line = Buffer.isBuffer(packet) ? packet.subarray(0, 4_096).toString('latin1') : ''
  const [, method = '', target = ''] = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/1\.[01]\r?\n/.exec(line) ?? []
  if (method === '' || METHODS.includes(method)) return { code: 'invalid_request' }
  const allow = allowed.get(target.split('?', 1)[0]!)
  return allow === undefined ? { code: 'not_found' } : { code: 'method_not_allowed', options: { allow } }
}

const refusalOf = (error: SocketError, allowed: Allowed): SocketRefusal => {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return { code: 'headers_too_large' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { code: 'request_timeout' }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { code: 'payload_too_large' }
    case 'HPE_INVALID_METHOD':
      return unknownMethod(error.rawPacket, allowed)
    default:
      return { code: 'invalid_request' }
  }
}

/** Answers once and closes; the peer has a moment to read the answer. */
export const refuseSocket = (socket: Socket, text: string): void => {
  socket.end(text)
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/**
 * Answers bytes that are not a request, in the envelope, but never in place of another answer. Earlier requests on the
 * same connection are answered first. An error inside an already answered request closes the connection.
 */
export const socketErrors =
  (states: SocketStates, allowed: Allowed, newId: () => string) =>
  (error: SocketError, socket: Socket): void => {
    const state = states(socket)
    if (state.failed) return
    state.failed = true
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) return void socket.destroy()
    const { code, options } = refusalOf(error, allowed)
    const answer = () => refuseSocket(socket, rawError(code, newId(), options))
    const { last, pending } = state
    if (last === null) return answer()
    if (!last.req.complete) return pending === 1 && !last.headersSent ? answer() : void socket.destroy()
    if (pending === 0 && last.writableFinished) return answer()
    last.once('finish', answer)
    last.once('close', () => last.writableFinished || socket.destroy())
  }
