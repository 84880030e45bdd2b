import { PullgateError } from './errors.ts'

/**
 * The store cannot answer now; `detail` comes from a closed list. What a Redis client throws bears the command's
 * arguments, which are students' bodies: it is never passed on, not even as `cause`.
 */
export const storeUnavailable = (detail: string): PullgateError =>
  new PullgateError('store_unavailable', `The projection store does not answer: ${detail}.`)
