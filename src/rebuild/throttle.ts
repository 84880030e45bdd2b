/**
 * Sets the share of its time that a build may work, so that readers of the store hardly notice the build.
 * A probe is late where its latency is more than twice the p99 without the build, and above a floor below which latency
 * harms no reader. A late probe during a pause is not caused by the build; it only updates the usual latency.
 *
 * | state    | event         | share            | next state |
 * |----------|---------------|------------------|------------|
 * | starting | probe in time | doubles with 20 probes, at most 1 | starting |
 * | starting | late probe    | × 0.7, at least 0.05 | steady     |
 * | steady   | probe in time | a small increase | steady     |
 * | steady   | late probe    | × 0.7, at least 0.05 | steady     |
 *
 * In steady state 199 probes in time make up for one late probe. The share settles where one probe in 200 is late. That
 * is half of what a p99 allows, because a pull takes more than one read.
 */
export type Throttle = {
  /** Latency of a probe before the build begins, in milliseconds. */
  readonly learn: (ms: number) => void
  /** Latency of a probe, and whether the build paused during all of it. */
  readonly observe: (ms: number, quiet: boolean) => void
  /** The share of its time that the build may work. */
  readonly share: () => number
  /** A probe above this latency is late. */
  readonly boundMs: () => number
}

const FACTOR = 2
const FLOOR_MS = 3
const CUT = 0.7
const OTHERS_FOR_A_CUT = 199
const GAIN = CUT ** (-1 / OTHERS_FOR_A_CUT)
/** Doubles with 20 probes. */
const FIRST_GAIN = 2 ** (1 / 20)
/** A lower bound, so that a rebuild ends. */
const LEAST_SHARE = 0.05
/** Number of newest probes during pauses from which the usual latency is computed. */
const REMEMBERED = 300

export const throttle = (): Throttle => {
  let share = LEAST_SHARE
  let gain = FIRST_GAIN
  const usual: number[] = []
  let boundMs = FLOOR_MS

  const learn = (ms: number): void => {
    if (!Number.isFinite(ms)) return
    usual.push(ms)
    if (usual.length > REMEMBERED) usual.shift()
    const sorted = usual.toSorted((a, b) => a - b)
    boundMs = Math.max(FLOOR_MS, FACTOR * sorted[Math.floor((sorted.length - 1) * 0.99)]!)
  }

  return {
    learn,
    observe: (ms, quiet) => {
      const late = ms > boundMs && !quiet
      if (late) gain = GAIN
      share = late ? Math.max(LEAST_SHARE, share * CUT) : Math.min(1, share * gain)
      if (quiet) learn(ms)
    },
    share: () => share,
    boundMs: () => boundMs,
  }
}
