import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpConfig } from '../config/load.ts'
import { requestHeaders, tlsOptions } from './access.ts'
import type { ErpClock } from './clock.ts'
import { erpConnections } from './connections.ts'
import { type ErpExchange, exchange } from './exchange.ts'
import { type ErpResponse, judge } from './judge.ts'
import { requestPath } from './query.ts'

/**
 * One call to the ERP over kept-alive connections. A faulty ERP or proxy may send a second answer to one request, which
 * then looks like the answer to the next one. So data from a used connection counts only where it can be checked
 * against the lookup:
 *
 * - a 422 that lets the partner cancel a family's plan is requested again on a new connection, and that result counts;
 * - a lookup without an identifier uses a new connection, because a 200 does not state its `custom_identifier`.
 *
 * A used connection that breaks before an answer begins was closed while idle: the call is repeated on a new one.
 */
export type ErpCaller = {
  /** `onSettled` is called once, when the last request has really ended; `hungUp`: the ERP may not have noticed yet. */
  readonly call: ErpCall
  /** One request on a connection of its own: a probe also proves that a connection can be made. */
  readonly callOnce: ErpCall
  readonly close: () => Promise<void>
}

type ErpCall = (lookup: PullQuery, until: () => number, onSettled: (hungUp: boolean) => void) => Promise<ErpExchange>

const maxConnectMs = 2_000

export const erpCaller = (options: {
  readonly config: ErpConfig
  readonly label: () => string
  readonly log: { readonly warn: (fields: object, message: string) => void }
  readonly clock: ErpClock
}): ErpCaller => {
  const { config, label, log, clock } = options
  const url = new URL(config.url)
  const headers = requestHeaders(config)
  const connections = erpConnections(
    url.origin,
    {
      connect: { timeout: Math.min(config.timeout_ms, maxConnectMs), ...tlsOptions(config) },
      // The attempt's own timer fires first, to the millisecond; these two limits apply only if that timer fails.
      headersTimeout: config.timeout_ms + 1_000,
      bodyTimeout: config.timeout_ms + 1_000,
      allowH2: false,
    },
    config.max_concurrent,
  )

  /** A 422 with one of the codes `student_…`. */
  const isCancelling = (lookup: PullQuery, result: ErpResponse): boolean => {
    if (result.status !== 422) return false
    const { outcome } = judge(lookup, result)
    return outcome.kind === 'answer' && (outcome.code ?? '').startsWith('student_')
  }

  const once = async (lookup: PullQuery, isFresh: boolean, until: () => number) => {
    const connection = connections.take(isFresh)
    const settled = Promise.withResolvers<boolean>()
    const request = { path: requestPath(url, lookup), headers }
    const result = await exchange(connection, request, until, clock, settled.resolve)
    const isDoubtful = result.kind === 'response' && result.isOnUsed && isCancelling(lookup, result)
    const end = isDoubtful ? connections.discard : connections.giveBack
    void settled.promise.then(() => end(connection))
    return { result, settled: settled.promise, isDoubtful }
  }

  return {
    call: async (lookup, until, onSettled) => {
      const first = await once(lookup, lookup.identifier === undefined, until)
      const isStale = first.result.kind === 'connection' && first.result.isStale
      const last = first.isDoubtful || isStale ? await once(lookup, true, until) : first
      void last.settled.then(onSettled)
      if (first.isDoubtful && !(last.result.kind === 'response' && isCancelling(lookup, last.result)))
        log.warn({ erp: label() }, 'an ERP did not confirm a refusal that came on a used connection')
      return last.result
    },
    callOnce: async (lookup, until, onSettled) => {
      const connection = connections.take(true)
      const settle = (hungUp: boolean): void => {
        connections.discard(connection)
        onSettled(hungUp)
      }
      return exchange(connection, { path: requestPath(url, lookup), headers }, until, clock, settle)
    },
    close: connections.close,
  }
}
