import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { ErpConfig } from '../config/load.ts'
import type { Attempt } from './attempt.ts'
import type { ErpClock } from './clock.ts'

export type BreakerState = 'closed' | 'half-open' | 'open'

/**
 * A circuit breaker on opossum, which provides only the state machine and the rolling counts.
 * Other features are off. Its cache and coalescing return old values and dilute the error rate. Its capacity forgets
 * timed-out calls that still run, and counts its own refusals as failures. Its percentiles cost more than a call.
 * Single flight, bulkhead and hang-ups are separate parts.
 * The breaker judges by values: an unsound attempt is rejected with the attempt itself.
 *
 * | state     | event                                    | next state |
 * |-----------|------------------------------------------|------------|
 * | closed    | the failure percentage is reached        | open       |
 * | open      | `openTimeMs` passed                      | half-open  |
 * | half-open | the one probe is sound                   | closed, on probation |
 * | half-open | the one probe fails                      | open, for longer |
 * | on probation | enough sound attempts                 | closed     |
 * | on probation | too many failures in a row            | open       |
 */
export type Breaker = {
  readonly state: () => BreakerState
  /** Whether a call would be allowed now; half-open allows one call and refuses others until it has ended. */
  readonly admits: () => boolean
  /** `null`: refused; `call` was not called. */
  readonly run: (call: () => Promise<Attempt>) => Promise<Attempt | null>
  /** The counts of the current window. */
  readonly counts: () => { readonly failures: number; readonly sound: number }
  /** Opens the breaker as too many failures would. */
  readonly open: () => void
  /** Milliseconds until the next probe is allowed; 0 when one is allowed now. */
  readonly reopensInMs: () => number
  readonly close: () => void
}

const buckets = 10
const minWindowMs = 10_000
const maxGrowth = 8
const maxOpenMs = 60_000
const maxJitter = 0.25
/**
 * After closing, this many sound attempts prove the recovery, and this many failures in a row open the breaker again.
 */
const maxProofs = 10
const strikes = 3

/**
 * Time the breaker stays open the nth time in a row: it doubles, at most eightfold and at most to a minute, unless the
 * configured time is longer. Up to a quarter is added at random, so that gateways do not probe at the same time.
 */
export const openTimeMs = (resetMs: number, reopenings: number, random: () => number): number => {
  const growth = Math.min(2 ** reopenings, maxGrowth)
  return Math.round(Math.max(resetMs, Math.min(resetMs * growth, maxOpenMs)) * (1 + random() * maxJitter))
}

export const erpBreaker = (options: {
  readonly config: Pick<ErpConfig, 'timeout_ms' | 'breaker'>
  readonly clock: ErpClock
  readonly random: () => number
  readonly onChange: (state: BreakerState, openMs: number) => void
}): Breaker => {
  const { config, clock, random, onChange } = options
  const { error_percent, volume, reset_ms } = config.breaker
  const windowMs = Math.max(minWindowMs, 5 * config.timeout_ms)
  const rotation = new EventEmitter()
  const settings = {
    // Every attempt ends itself at `timeout_ms`; this limit only ensures that a probe always ends.
    timeout: config.timeout_ms + 2_000,
    // opossum opens above the percentage; "50" means one failure in two.
    errorThresholdPercentage: error_percent - 1e-6,
    volumeThreshold: volume,
    resetTimeout: openTimeMs(reset_ms, 0, random),
    rollingCountTimeout: windowMs,
    rollingCountBuckets: buckets,
    rotateBucketController: rotation,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    cache: false,
    coalesce: false,
  }
  const circuit = new CircuitBreaker(async (call: () => Promise<Attempt>): Promise<Attempt> => {
    const attempt = await call()
    return attempt.sound ? attempt : Promise.reject(attempt)
  }, settings)

  let reopenings = 0
  let openUntilMs = 0
  let rotatedMs = clock.nowMs()
  const rotate = (times: number) => {
    for (let i = 0; i < Math.min(times, buckets); i++) rotation.emit('rotate')
  }
  /** The window moves when it is read, so an idle breaker needs no timer. */
  const moveWindow = () => {
    const passed = Math.floor(((clock.nowMs() - rotatedMs) * buckets) / windowMs)
    if (passed <= 0) return
    rotate(passed)
    rotatedMs += (passed * windowMs) / buckets
  }

  /**
   * After a recovery few calls are made, too few to reach `volume` soon. An ERP that answered the probe and then fell
   * silent would cause one timeout after another. So the ERP is on probation until enough attempts are sound.
   */
  let probation: { sound: number; failedInARow: number } | null = null
  const updateProbation = (attempt: Attempt) => {
    if (probation === null) return
    if (!attempt.sound) {
      if (++probation.failedInARow >= Math.min(strikes, volume)) circuit.open()
      return
    }
    probation.failedInARow = 0
    if (++probation.sound < Math.min(maxProofs, volume)) return
    probation = null
    reopenings = 0
    settings.resetTimeout = openTimeMs(reset_ms, 0, random)
  }

  circuit.on('open', () => {
    probation = null
    openUntilMs = clock.nowMs() + settings.resetTimeout
    onChange('open', settings.resetTimeout)
  })
  circuit.on('halfOpen', () => {
    // opossum reads its options when it opens: this is the open time after a failed probe.
    reopenings++
    settings.resetTimeout = openTimeMs(reset_ms, reopenings, random)
    onChange('half-open', 0)
  })
  circuit.on('close', () => {
    probation = { sound: 0, failedInARow: 0 }
    // The failures that opened the breaker are removed; otherwise the next single failure would open it again.
    rotate(buckets)
    onChange('closed', 0)
  })

  const state = (): BreakerState => (circuit.closed ? 'closed' : circuit.halfOpen ? 'half-open' : 'open')
  const admits = () => circuit.closed || circuit.pendingClose
  return {
    state,
    admits,
    run: async (call) => {
      if (!admits()) return null
      moveWindow()
      const attempt = await circuit.fire(call).catch((thrown: unknown) => {
        if (isAttempt(thrown)) return thrown
        throw thrown
      })
      updateProbation(attempt)
      return attempt
    },
    counts: () => {
      moveWindow()
      const { failures, successes } = circuit.stats
      return { failures, sound: successes }
    },
    open: () => circuit.open(),
    reopensInMs: () => (circuit.opened ? Math.max(0, openUntilMs - clock.nowMs()) : 0),
    close: () => circuit.shutdown(),
  }
}

const isAttempt = (thrown: unknown): thrown is Attempt =>
  typeof thrown === 'object' && thrown !== null && 'outcome' in thrown && 'sound' in thrown
