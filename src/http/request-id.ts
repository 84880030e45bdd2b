import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const acceptable = /^[A-Za-z0-9._-]{1,128}$/

/** The caller's `X-Request-Id` where it is valid, else a new id: a prefix unique to the process, then a counter. */
export const requestIds = (): ((request: IncomingMessage | null) => string) => {
  const prefix = randomBytes(9).toString('base64url')
  let count = 0
  return (request) => {
    const given = request?.headers['x-request-id']
    if (typeof given === 'string' && acceptable.test(given)) return given
    count += 1
    return `${prefix}.${count.toString(36)}`
  }
}
