import type { Exchange } from '../http/exchange.ts'
import type { Holding } from './byte-budget.ts'

/**
 * One request under way and the bytes that it holds. The delivery owns them, not an event of the request that may never
 * come: `close` gives them back, and whoever opened the delivery calls it once, however the request ended.
 */
export type Delivery = {
  readonly exchange: Exchange
  /** Aborted when nobody waits for the answer any more: it was given, or its connection is gone. */
  readonly over: AbortSignal
  readonly end: () => void
  /** What is held from now on; what was held before is given back. */
  readonly hold: (holding: Holding) => Holding
  /** Until `hasRead`: whether the sender, and not the log, is what the request waits for. */
  readonly isReading: () => boolean
  readonly hasRead: () => void
  readonly close: () => void
}

export const openDelivery = (exchange: Exchange): Delivery => {
  const over = new AbortController()
  let held: Holding | null = null
  let reading = true
  const end = (): void => over.abort()
  exchange.response.once('close', end)
  return {
    exchange,
    over: over.signal,
    end,
    hold: (holding) => {
      held?.close()
      held = holding
      return holding
    },
    isReading: () => reading,
    hasRead: () => {
      reading = false
    },
    close: () => held?.close(),
  }
}
