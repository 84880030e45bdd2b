/**
 * How much of its time a build may work, so that readers of the store hardly notice. A probe is late where it takes more
 * than twice what 99 of 100 take while the build rests; below a floor no doubling harms anybody. A late probe cuts the
 * share of working by 30 %; another one raises it by so little that 99 of them make up for one cut. So it comes to a
 * stand where the build makes one probe in a hundred late: where the p99 is at that bound. What is late while the build
 * rests is not its doing, and tells what is usual.
 */
export type Throttle = {
  /** A probe's latency before the build begins. */
  readonly learn: (ms: number) => void
  /** A probe's latency, and whether the build rested all the while. */
  readonly felt: (ms: number, quiet: boolean) => void
  /** How long to rest, in parts of the time that was worked. */
  readonly rest: () => number
  /** Later than this is late. */
  readonly boundMs: () => number
}

const FACTOR = 2
const FLOOR_MS = 3
const CUT = 0.7
const TIMELY_FOR_A_CUT = 99
const GAIN = CUT ** (-1 / TIMELY_FOR_A_CUT)
/** Neither a rebuild that never ends helps anybody. */
const LEAST_SHARE = 0.05
const FIRST_SHARE = 0.5
/** Probes of rests that what is usual is told by: the youngest. */
const REMEMBERED = 300

export const throttle = (): Throttle => {
  let share = FIRST_SHARE
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
    felt: (ms, quiet) => {
      share = ms > boundMs && !quiet ? Math.max(LEAST_SHARE, share * CUT) : Math.min(1, share * GAIN)
      if (quiet) learn(ms)
    },
    rest: () => 1 / share - 1,
    boundMs: () => boundMs,
  }
}
