import type { Probe } from '../../consumers/ports/probe.ts'
import type { BuildPace } from './builder.ts'
import { type Throttle, throttle } from './throttle.ts'

/**
 * The pace of a build. It works at full speed on several partitions in parallel, then pauses as a whole.
 *
 * | mode    | set by      | pause, as a part of the time worked             |
 * |---------|-------------|-------------------------------------------------|
 * | rule    | at start    | one half, by rule of thumb                      |
 * | hurry   | `hurry()`   | none: no pull is answered from the live generation |
 * | probe   | `measure()` | set by the throttle from the measured latency of readers |
 *
 * | state   | event                                  | next state |
 * |---------|----------------------------------------|------------|
 * | working | a pause is due                         | draining: no new work starts |
 * | draining | the last running work ends            | pausing    |
 * | pausing | the pause ends                         | working    |
 */
export type BuildThrottle = BuildPace & {
  /** No pull is answered from the live generation: no pauses, and larger writes. */
  readonly hurry: () => void
  /** Learns the usual latency while nothing is built, then follows the probe; resolves when the latency is known. */
  readonly measure: () => Promise<void>
  readonly restedMs: () => number
  readonly close: () => Promise<void>
}

export type BuildThrottleOptions = {
  /** Highest number of events a second; `null`: limited by the pauses alone. */
  readonly maxRate: number | null
  /** `null`: no measurement is possible. */
  readonly probe: Probe | null
  /** Called once when the build must leave room: lowers the process priority below other processes of the machine. */
  readonly lowerPriority: () => void
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Pause as a part of the time worked, where nothing is measured. */
const BLIND_REST = 0.5
/**
 * A write blocks the store for all clients: 200 records for 1 to 2 milliseconds. Larger writes cost less for each event
 * (1,000 records a sixth less than 200). Where readers are slowed, the working share and the write size shrink.
 */
const RECORDS = 200
const RECORDS_AT_LEAST = 50
const RECORDS_IN_A_HURRY = 1000
/** A timer is late by about a millisecond, so short pauses are added up to this length. */
const SHORTEST_MS = 2
/** Work may take long because no core is free; a proportional pause would then not help. */
const LONGEST_REST_MS = 2000
/** A rate limit is applied in steps of this length. */
const EVENLY_SECONDS = 0.2
/** Longest time, in milliseconds, for which the build catches up after a slow log. */
const LONGEST_CREDIT_MS = 500
/**
 * Number of probes before the build from which the usual latency is learnt; the latency is measured again at intervals.
 */
const LEARN = 100
const LEARN_AT_MOST_MS = 5000
const LEARN_LOOK_MS = 50
const LOOK_EVERY_MS = 5000
const LOOK_MS = 100

export const buildThrottle = ({ maxRate, probe, lowerPriority, now, sleep }: BuildThrottleOptions): BuildThrottle => {
  let by: { readonly kind: 'rule' | 'hurry' } | { readonly kind: 'probe'; readonly throttle: Throttle } = {
    kind: 'rule',
  }
  const atRate = maxRate === null ? Number.POSITIVE_INFINITY : Math.ceil(maxRate * EVENLY_SECONDS)
  let dueAt = now()
  let lookedAt = now()
  let working = 0
  let workingSince = 0
  /** Milliseconds worked since the last pause. */
  let workedMs = 0
  let restedMs = 0
  /** The pause that is due. No work starts before its end; it begins when all running work has ended. */
  let rest: { readonly over: Promise<void>; readonly begin: () => void } | null = null

  const restPart = (): number => {
    if (by.kind === 'probe') return 1 / by.throttle.share() - 1
    return by.kind === 'rule' ? BLIND_REST : 0
  }

  const records = (): number => {
    if (by.kind === 'probe') return Math.max(RECORDS_AT_LEAST, Math.round(RECORDS * by.throttle.share()))
    return by.kind === 'rule' ? RECORDS : RECORDS_IN_A_HURRY
  }

  const dueMs = (): number => {
    const at = now()
    const worked = workedMs + (working > 0 ? at - workingSince : 0)
    const look = by.kind === 'probe' && at - lookedAt >= LOOK_EVERY_MS ? LOOK_MS : 0
    const aheadMs = maxRate === null ? 0 : dueAt - at
    return Math.max(Math.min(worked * restPart(), LONGEST_REST_MS), look, aheadMs)
  }

  const resting = async (): Promise<void> => {
    const ms = dueMs()
    const began = now()
    if (ms >= LOOK_MS) lookedAt = began
    probe?.quiet(true)
    await sleep(ms)
    probe?.quiet(false)
    restedMs += now() - began
    workedMs = 0
    rest = null
  }

  const begin = (): void => {
    if (working === 0) workingSince = now()
    working += 1
  }

  const done = (records: number): void => {
    if (maxRate !== null) dueAt = Math.max(dueAt, now() - LONGEST_CREDIT_MS) + (records * 1000) / maxRate
    if (rest === null && dueMs() >= SHORTEST_MS) {
      const { promise, resolve } = Promise.withResolvers<void>()
      rest = { over: promise.then(resting), begin: resolve }
    }
    working -= 1
    if (working > 0) return
    workedMs += now() - workingSince
    rest?.begin()
  }

  return {
    recordsAtOnce: () => Math.min(records(), atRate),
    paced: async (records, work) => {
      while (rest !== null) await rest.over
      begin()
      try {
        return await work()
      } finally {
        done(records)
      }
    },
    hurry: () => {
      by = { kind: 'hurry' }
    },
    measure: async () => {
      if (probe === null) return lowerPriority()
      const measured = throttle()
      let learnt = 0
      probe.quiet(true)
      probe.start((ms, quiet) => {
        if (by.kind === 'probe') return measured.observe(ms, quiet)
        measured.learn(ms)
        learnt += 1
      })
      for (const until = now() + LEARN_AT_MOST_MS; learnt < LEARN && now() < until; ) await sleep(LEARN_LOOK_MS)
      lowerPriority()
      probe.quiet(false)
      by = { kind: 'probe', throttle: measured }
      lookedAt = now()
    },
    restedMs: () => restedMs,
    close: async () => {
      await probe?.close()
    },
  }
}
