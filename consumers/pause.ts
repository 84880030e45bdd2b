import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after a while, or at once when the signal says so. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export const pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {})

const FIRST_MS = 100
const LONGEST_MS = 5000

/** 100 ms, doubling up to 5 s; `attempt` counts from 0. */
export const backoff = (attempt: number): number => Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS)
