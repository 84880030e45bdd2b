import type { SimTime } from './time.ts'

/** When virtual time begins, Unix milliseconds. */
export const START_MS = Date.parse('2026-06-15T06:30:00Z')

/**
 * The timers and clocks that the code under test reaches for become virtual; a timer belongs to the process whose code
 * set it. One simulation at a time: they are global. Returns the way back.
 */
export const takeOverGlobals = (time: SimTime): (() => void) => {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate }
  const clocks = { dateNow: Date.now, performanceNow: performance.now }
  const set = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = {
      cancel: time.at(Math.max(1, ms), time.current(), () => act(...args)),
      unref: () => timer,
      ref: () => timer,
    }
    return timer
  }
  const setAgain = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer = {
      cancel: () => {},
      unref: () => timer,
      ref: () => timer,
    }
    const owner = time.current()
    const next = (): void => {
      timer.cancel = time.at(Math.max(1, ms), owner, () => {
        next()
        act(...args)
      })
    }
    next()
    return timer
  }
  const setSoon = (act: (...args: unknown[]) => void, ...args: unknown[]) => {
    const timer = {
      cancel: time.at(0, time.current(), () => act(...args)),
      unref: () => timer,
      ref: () => timer,
    }
    return timer
  }
  const clear = (timer: ReturnType<typeof set> | null | undefined) => timer?.cancel?.()
  Object.assign(globalThis, {
    setTimeout: set,
    clearTimeout: clear,
    setInterval: setAgain,
    clearInterval: clear,
    setImmediate: setSoon,
    clearImmediate: clear,
  })
  Date.now = () => START_MS + Math.floor(time.now())
  performance.now = () => time.now()
  return () => {
    Object.assign(globalThis, real)
    Date.now = clocks.dateNow
    performance.now = clocks.performanceNow
  }
}
