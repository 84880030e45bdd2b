/** Resolves after `ms`, or at once when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export const pause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    // The timers of Node's `timers/promises` ignore a virtual clock.
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
  })

const FIRST_MS = 100
const LONGEST_MS = 5000

/** 100 ms, doubling up to 5 s; `attempt` counts from 0. */
export const backoff = (attempt: number): number => Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS)
