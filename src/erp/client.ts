import { setTimeout as pause } from 'node:timers/promises'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { ErpConfig } from '../config/load.ts'

import { type Attempt, assess } from './attempt.ts'
import type { Breaker } from './breaker.ts'
import { bulkhead } from './bulkhead.ts'
import { clientBreakers } from './client-breakers.ts'
import { type ErpClock, systemClock } from './clock.ts'
import { erpCaller } from './erp-caller.ts'
import { outcomeDetail } from './failure-words.ts'
import type { ErpClient, ErpOutcome, ErpRequestOutcome } from './port.ts'
import { lookupKey, probeLookup } from './query.ts'
import { retryDelayMs } from './retry.ts'
import { singleFlight } from './single-flight.ts'

export type ErpLog = {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export type ErpClientOptions = {
  readonly config: ErpConfig
  /** A function, because the label may change while the client exists. */
  readonly label: () => string
  /** Codes of the branches that it answers for; none for the group's ERP. */
  readonly branches?: () => readonly string[]
  readonly log: ErpLog
  /** One HTTP request has ended; each retry is a separate request. */
  readonly onRequest?: (outcome: ErpRequestOutcome, seconds: number) => void
  readonly clock?: ErpClock
  readonly random?: () => number
}

/** Callers are answered this many milliseconds before their deadline: timers are late when the process is busy. */
const settleMarginMs = 10
/** An attempt with less time than this would fail for lack of time. */
const minAttemptMs = 100
const waitingPerPlace = 4

const timedOut: ErpOutcome = { kind: 'unavailable', cause: 'timeout' }
const disconnected: ErpOutcome = { kind: 'unavailable', cause: 'connection' }

/**
 * A call passes single flight, then retries. Each attempt passes the breaker's first check, a bulkhead slot, the
 * breaker and the connection pool. Refusals of the bulkhead therefore never reach the breaker, and a retry waits
 * without a slot.
 *
 *     asked → joined (single flight) | refused: the breaker is open, or no slot in time
 *           → attempt → answer | failure → attempt again while time and retries are left → failure
 */
export const erpClient = (options: ErpClientOptions): ErpClient => {
  const { config, label, branches = () => [], log, onRequest, clock = systemClock, random = Math.random } = options
  const caller = erpCaller({ config, label, log, clock })
  const places = bulkhead({
    max: config.max_concurrent,
    maxWaiting: config.max_concurrent * waitingPerPlace,
    maxWaitMs: config.timeout_ms,
    clock,
  })
  let isOpenForAll = false
  const breakers = clientBreakers({
    config,
    clock,
    random,
    onChange: (client, state, openMs) => {
      if (state === 'open') places.dismissWaiting(client)
      // One client's recovery says nothing about an ERP that worked for the others.
      if (state === 'closed' && isOpenForAll) places.restartRamp()
      if (state !== 'half-open') isOpenForAll = breakers.state() === 'open'
      if (state === 'open') log.warn({ erp: label(), client, openMs }, 'ERP breaker opened')
      else log.info({ erp: label(), client }, `ERP breaker ${state}`)
    },
  })
  const inFlight = singleFlight<ErpOutcome>(clock, timedOut)
  let answeredMs = Number.NEGATIVE_INFINITY
  const closing = new AbortController()

  const refused = (breaker: Breaker): ErpOutcome => {
    const retryAfterSeconds = Math.max(1, Math.ceil(breaker.reopensInMs() / 1_000))
    return { kind: 'unavailable', cause: 'open', retryAfterSeconds }
  }

  const request = async (lookup: PullQuery, until: () => number, onSettled: (hungUp: boolean) => void) => {
    const startedMs = clock.nowMs()
    const attemptEndMs = startedMs + config.timeout_ms
    const result = await caller.call(lookup, () => Math.min(attemptEndMs, until()), onSettled)
    const attempt = assess(lookup, result, clock)
    if (attempt.sound) places.grow()
    const { outcome } = attempt
    if (outcome.kind === 'answer') answeredMs = clock.nowMs()
    else log.warn({ erp: label(), branches: branches(), detail: outcomeDetail(outcome) }, 'ERP call failed')
    onRequest?.(outcome.kind === 'unavailable' ? requestOutcome(outcome.cause) : outcome.kind, secondsSince(startedMs))
    return attempt
  }
  const secondsSince = (startedMs: number) => (clock.nowMs() - startedMs) / 1_000

  const probe = async (): Promise<ErpOutcome | null> => {
    const leave = places.enterUnasked()
    if (leave === null) return null
    const lookup = probeLookup(branches()[0])
    const untilMs = clock.nowMs() + config.timeout_ms
    const attempt = assess(lookup, await caller.callOnce(lookup, () => untilMs, leave), clock)
    if (attempt.sound && attempt.outcome.kind === 'answer') await breakers.recovered(attempt)
    return attempt.outcome
  }

  /** One attempt, or the reason why it was not made. */
  const attemptOnce = async (
    lookup: PullQuery,
    client: string,
    breaker: Breaker,
    until: () => number,
  ): Promise<Attempt | ErpOutcome> => {
    if (!breaker.admits()) return refused(breaker)
    const entry = await places.enter(client, until)
    if (entry === 'dismissed') return refused(breaker)
    if (entry !== 'entered') return { kind: 'unavailable', cause: 'busy', retryAfterSeconds: 1 }
    const settled = Promise.withResolvers<boolean>()
    // The slot is freed only after the breaker has the result; otherwise a failing ERP would get one more call.
    const giveOn = () =>
      void settled.promise.then((hungUp) => (hungUp ? places.leaveLater(client) : places.leave(client)))
    const attempt = await breaker.run(() => request(lookup, until, settled.resolve)).finally(giveOn)
    if (attempt !== null) return attempt
    settled.resolve(false)
    return refused(breaker)
  }

  const ask = async (lookup: PullQuery, client: string, until: () => number): Promise<ErpOutcome> => {
    const breaker = breakers.of(client)
    let last: ErpOutcome | undefined
    for (let retries = 0; ; retries++) {
      const attempt = await attemptOnce(lookup, client, breaker, until)
      // The ERP's last answer is more useful than the reason for the missing retry.
      if ('kind' in attempt) return last ?? attempt
      last = attempt.outcome
      const roomMs = until() - clock.nowMs() - Math.min(minAttemptMs, config.timeout_ms)
      const delayMs = attempt.retryable ? retryDelayMs(retries, attempt.askedMs, roomMs, random) : null
      if (delayMs === null || !breaker.admits()) return last
      await pause(delayMs, undefined, { signal: closing.signal }).catch(() => undefined)
      if (closing.signal.aborted) return last
    }
  }

  return {
    get label() {
      return label()
    },
    fetch: (lookup, client, deadline) => {
      if (closing.signal.aborted) return Promise.resolve(disconnected)
      return inFlight.join(lookupKey(lookup), deadline - settleMarginMs, (until) =>
        ask(lookup, client, until).catch((error: unknown) => {
          log.error({ erp: label(), err: error }, 'ERP call failed unexpectedly')
          return disconnected
        }),
      )
    },
    probe: () => (closing.signal.aborted ? Promise.resolve(null) : probe()),
    answeredAgoMs: () => clock.nowMs() - answeredMs,
    breakerState: breakers.state,
    inFlight: places.inside,
    close: async () => {
      closing.abort()
      await inFlight.landed()
      breakers.close()
      await caller.close()
    },
  }
}

/** A request that was made is never refused: `open` and `busy` cannot be its outcome. */
const requestOutcome = (cause: Extract<ErpOutcome, { kind: 'unavailable' }>['cause']): ErpRequestOutcome =>
  cause === 'status' || cause === 'timeout' ? cause : 'connection'
