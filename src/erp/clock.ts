/** Both clocks as one argument: `nowMs` never goes back and has no meaning outside this process; `unixMs` is the wall's. */
export type ErpClock = { readonly nowMs: () => number; readonly unixMs: () => number }

export const systemClock: ErpClock = { nowMs: () => performance.now(), unixMs: () => Date.now() }

/**
 * Calls `onExpired` once `until()` has passed. The deadline is asked for anew when the timer fires, so it may be moved
 * later while waiting. Returns the cancellation.
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
