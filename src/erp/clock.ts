/** Both clocks as one argument: `nowMs` is monotonic and local to this process; `unixMs` is the wall clock. */
export type ErpClock = { readonly nowMs: () => number; readonly unixMs: () => number }

export const systemClock: ErpClock = { nowMs: () => performance.now(), unixMs: () => Date.now() }

/**
 * Calls `onExpired` once `until()` has passed. The timer reads the deadline again when it fires, so the deadline may be
 * moved later. Returns a function that cancels.
 */
export const expireAt = (until: () => number, clock: ErpClock, onExpired: () => void): (() => void) => {
  let timer: NodeJS.Timeout
  const check = () => {
    const leftMs = until() - clock.nowMs()
    if (leftMs <= 0) onExpired()
    else timer = setTimeout(check, Math.ceil(leftMs))
  }
  timer = setTimeout(check, Math.max(0, Math.ceil(until() - clock.nowMs())))
  return () => clearTimeout(timer)
}
