import type { Exchange } from '../http/exchange.ts'
import type { Holding } from './byte-budget.ts'

/**
 * One request in progress and the bytes that it holds. Its creator calls `close` once, however the request ended, and
 * `close` returns the bytes. No event of the request is needed for it.
 */
export type Delivery = {
  readonly exchange: Exchange
  /** Aborted when no client waits for the answer: it was sent, or the connection is gone. */
  readonly over: AbortSignal
  readonly end: () => void
  /** Replaces the held bytes; the former holding is returned. */
  readonly hold: (holding: Holding) => Holding
  /** Until `hasRead`: whether the request waits for its sender and not for the log. */
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
