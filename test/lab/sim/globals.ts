import type { SimTime } from './time.ts'

/** When virtual time begins, Unix milliseconds. */
export const START_MS = Date.parse('2026-06-15T06:30:00Z')

/**
 * The timers and clocks that the code under test reaches for become virtual; a timer belongs to the process whose code
 * set it. One simulation at a time: they are global. Returns the way back.
 */
export const takeOverGlobals = (time: SimTime): (() => void) => {
  const real = { setTimeout, clearTimeout, dateNow: Date.now, performanceNow: performance.now }
  const set = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = {
      cancel: time.at(Math.max(1, ms), time.current(), () => act(...args)),
      unref: () => timer,
      ref: () => timer,
    }
    return timer
  }
  Object.assign(globalThis, {
    setTimeout: set,
    clearTimeout: (timer: ReturnType<typeof set> | null | undefined) => timer?.cancel?.(),
  })
  Date.now = () => START_MS + Math.floor(time.now())
  performance.now = () => time.now()
  return () => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout })
    Date.now = real.dateNow
    performance.now = real.performanceNow
  }
}
