import type { Probe } from '../../consumers/ports/probe.ts'
import type { BuildPace } from './builder.ts'
import { type Throttle, throttle } from './throttle.ts'

/**
 * How fast a build goes. While it works, it works at full speed, several partitions side by side; between, all of it
 * rests. How long, in parts of the time it worked: a half by rule of thumb; nothing where nobody is answered from the
 * live generation (`hurry`); as much as the throttle says where a probe tells what readers of the store feel (`measure`).
 */
export type BuildThrottle = BuildPace & {
  /** Nobody is answered from the live generation: no rests, and larger writes. */
  readonly hurry: () => void
  /** Learns first what is usual while nothing is built, then goes by the probe; resolves when it knows. */
  readonly measure: () => Promise<void>
  readonly restedMs: () => number
  readonly close: () => Promise<void>
}

export type BuildThrottleOptions = {
  /** Events a second at most; `null`: as fast as the rests allow. */
  readonly maxRate: number | null
  /** `null`: there is nothing to measure by. */
  readonly probe: Probe | null
  /** Once room is to be left: lets other processes of this machine go first. */
  readonly lowerPriority: () => void
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** In parts of the time worked, where nothing is measured. */
const BLIND_REST = 0.5
/**
 * A write blocks the store for everybody, 200 records for 1 to 2 milliseconds; the more it takes in, the less an event
 * costs (1,000 a sixth less than 200). Where it is felt, the share of working shrinks, and writes with it.
 */
const RECORDS = 200
const RECORDS_AT_LEAST = 50
const RECORDS_IN_A_HURRY = 1000
/** A timer is late by about a millisecond: rests are saved up until they are worth one. */
const SHORTEST_MS = 2
/** Work may take long for want of a core; then to rest in proportion helps nobody. */
const LONGEST_REST_MS = 2000
/** A rate is held in steps of this length. */
const EVENLY_SECONDS = 0.2
/** What was missed because the log was slow is made up for this long at most. */
const LONGEST_CREDIT_MS = 500
/** What is usual without the build is learnt from so many probes before it, and looked at again from time to time. */
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
  /** Since the last rest. */
  let workedMs = 0
  let restedMs = 0
  /** The rest that is due: nobody begins anything before it is over, and it begins when nobody works any more. */
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
        if (by.kind === 'probe') return measured.felt(ms, quiet)
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
