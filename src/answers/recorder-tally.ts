import type { LoggedAnswer } from './answer-log.ts'

/** Answers of one recorder that should be in the log and are not. */
export type MissingAnswers = {
  readonly recorder: string
  readonly count: number
  /** When the answers around the first and the last of them were recorded, Unix milliseconds. */
  readonly fromMs: number
  readonly toMs: number
}

export type RecorderTally = {
  readonly add: (answer: LoggedAnswer) => void
  readonly missing: (nowMs: number) => readonly MissingAnswers[]
  /** The highest number that was seen of a recorder; 0: none. */
  readonly highest: (recorder: string) => number
  readonly lastSeenMs: (recorder: string) => number
}

/** What was sent to the log so lately may still be on its way to another partition. */
const ON_ITS_WAY_MS = 10_000

type Numbers = { base: number; highest: number; times: Float64Array }

/**
 * Each recorder numbers its answers over all partitions, so a number that is missing between two that are there is a lost
 * answer. Numbers below the first one that is seen belong to the time before.
 */
export const recorderTally = (): RecorderTally => {
  const known = new Map<string, Numbers>()

  const roomFor = (numbers: Numbers, number: number): void => {
    const from = Math.min(numbers.base, number)
    const size = Math.max(numbers.highest, number) - from + 1
    if (from === numbers.base && size <= numbers.times.length) return
    const times = new Float64Array(Math.max(1024, size * 2))
    times.set(numbers.times.subarray(0, numbers.highest - numbers.base + 1), numbers.base - from)
    numbers.base = from
    numbers.times = times
  }

  return {
    add: ({ mark, record }) => {
      if (mark === null) return
      const { recorder, number } = mark
      const numbers = known.get(recorder) ?? { base: number, highest: number, times: new Float64Array(1024) }
      known.set(recorder, numbers)
      roomFor(numbers, number)
      numbers.highest = Math.max(numbers.highest, number)
      numbers.times[number - numbers.base] = record.timestampMs
    },
    missing: (nowMs) =>
      Array.from(known, ([recorder, { base, highest, times }]) => {
        let [count, fromMs, toMs, lastMs] = [0, 0, 0, 0]
        let isOpen = false
        for (let number = base; number <= highest; number++) {
          const at = times[number - base]!
          if (at === 0) {
            if (lastMs > nowMs - ON_ITS_WAY_MS) continue
            count += 1
            if (fromMs === 0) fromMs = lastMs
            isOpen = true
          } else {
            if (isOpen) toMs = at
            isOpen = false
            lastMs = at
          }
        }
        return { recorder, count, fromMs, toMs }
      }).filter(({ count }) => count > 0),
    highest: (recorder) => known.get(recorder)?.highest ?? 0,
    lastSeenMs: (recorder) => {
      const numbers = known.get(recorder)
      return numbers ? numbers.times[numbers.highest - numbers.base]! : 0
    },
  }
}
