import { EventEmitter } from 'node:events'
import CircuitBreaker from 'opossum'
import type { ErpConfig } from '../config/load.ts'
import type { Attempt } from './attempt.ts'
import type { ErpClock } from './clock.ts'

export type BreakerState = 'closed' | 'half-open' | 'open'

/**
 * opossum, used for its state machine and its rolling counts alone. What it must not do is switched off: its cache
 * and its coalescing hand out old values and dilute the error rate. Its capacity forgets timed-out calls that still
 * run, and counts its own refusals as failures. Its percentiles cost more than a call. Single flight, bulkhead and
 * hanging up stand around it. It judges by values: an unsound attempt is rejected with the attempt itself.
 */
export type Breaker = {
  readonly state: () => BreakerState
  /** Whether a call would be let through now; half-open lets one through and refuses the others until that has ended. */
  readonly admits: () => boolean
  /** `null`: refused, and `call` was not called. */
  readonly run: (call: () => Promise<Attempt>) => Promise<Attempt | null>
  /** What its window holds. */
  readonly counts: () => { readonly failures: number; readonly sound: number }
  /** As if too many had failed. */
  readonly open: () => void
  /** Milliseconds until the next probe may go; 0 when one may go now. */
  readonly reopensInMs: () => number
  readonly close: () => void
}

const buckets = 10
const minWindowMs = 10_000
const maxGrowth = 8
const maxOpenMs = 60_000
const maxJitter = 0.25
/** After closing, this many sound attempts are the proof of recovery, and this many failures in a row the contrary. */
const maxProofs = 10
const strikes = 3

/**
 * How long the breaker stays open the nth time in a row: it doubles, at most eightfold and not past a minute, unless
 * the operator's own time is longer. Up to a quarter more comes by chance, so that several gateways do not probe in
 * step.
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
    // Every attempt ends by itself at `timeout_ms`; this one only makes sure that a probe can never stay out for ever.
    timeout: config.timeout_ms + 2_000,
    // opossum opens above the percentage; "50" is meant to open at one failure in two.
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
  /** The window moves when it is looked at, so that an idle breaker has no timer. */
  const moveWindow = () => {
    const passed = Math.floor(((clock.nowMs() - rotatedMs) * buckets) / windowMs)
    if (passed <= 0) return
    rotate(passed)
    rotatedMs += (passed * windowMs) / buckets
  }

  /**
   * Few calls go out after a recovery, too few to reach `volume` again soon: an ERP that answered the probe and then fell
   * silent would be waited for, one time-out after the other. So it is on probation until it has proven itself.
   */
  let probation: { sound: number; failedInARow: number } | null = null
  const heed = (attempt: Attempt) => {
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
    // opossum reads its options when it opens: this is the time for a probe that fails.
    reopenings++
    settings.resetTimeout = openTimeMs(reset_ms, reopenings, random)
    onChange('half-open', 0)
  })
  circuit.on('close', () => {
    probation = { sound: 0, failedInARow: 0 }
    // The failures that opened it are over; left in the window, the next stray one would open it again.
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
      heed(attempt)
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
