/**
 * How much of its time a build may work, so that readers of the store hardly notice. A probe is late where it takes more
 * than twice what 99 of 100 take while the build rests; below a floor no doubling harms anybody. What is late while the
 * build rests is not its doing: it tells what is usual.
 *
 * It begins with little and doubles quickly, until the first probe is late. From then on a late probe cuts the share of
 * working by 30 %, and any other raises it by so little that 199 of them make up for one cut. So it comes to a stand where
 * the build makes one probe in 200 late: half of what a p99 has room for, since a pull does more than one probe does.
 */
export type Throttle = {
  /** A probe's latency before the build begins. */
  readonly learn: (ms: number) => void
  /** A probe's latency, and whether the build rested all the while. */
  readonly felt: (ms: number, quiet: boolean) => void
  /** The part of its time that the build may work. */
  readonly share: () => number
  /** Later than this is late. */
  readonly boundMs: () => number
}

const FACTOR = 2
const FLOOR_MS = 3
const CUT = 0.7
const OTHERS_FOR_A_CUT = 199
const GAIN = CUT ** (-1 / OTHERS_FOR_A_CUT)
/** Doubles with 20 probes. */
const FIRST_GAIN = 2 ** (1 / 20)
/** Neither a rebuild that never ends helps anybody. */
const LEAST_SHARE = 0.05
/** Probes of rests that what is usual is told by: the youngest. */
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
    felt: (ms, quiet) => {
      const late = ms > boundMs && !quiet
      if (late) gain = GAIN
      share = late ? Math.max(LEAST_SHARE, share * CUT) : Math.min(1, share * gain)
      if (quiet) learn(ms)
    },
    share: () => share,
    boundMs: () => boundMs,
  }
}
