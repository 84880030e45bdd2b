/**
 * Compares this process's clock with the clocks of the log's and the store's servers once a minute. No proof of
 * freshness depends on it. Ages of heartbeats, the day of a leaving, record times and expiry of certificates do.
 *
 * A server's answer was made at some moment between request and response. So half of that time is subtracted: what is
 * shown is the least difference that the answer proves, and a slow answer never looks like a wrong clock.
 */

import type { Log as EventLog } from '../../consumers/ports/log.ts'
import type { StoreAdmin } from '../../consumers/ports/store.ts'
import { pause } from '../log/pause.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'

type ReadClock = () => Promise<number | null>

const EVERY_MS = 60_000
/** After a start, log and store may take seconds to answer. */
const FIRST_MS = 5_000

export const watchClocks = (options: {
  readonly engine: {
    readonly log: Pick<EventLog, 'clock'>
    readonly store: { readonly admin: Pick<StoreAdmin, 'clock'> }
  }
  readonly metrics: Pick<Metrics, 'set'>
  readonly log: Pick<Logger, 'debug'>
  readonly firstMs?: number
  readonly everyMs?: number
  /** Unix milliseconds. */
  readonly clock?: () => number
}): { readonly close: () => void } => {
  const { engine, metrics, log, firstMs = FIRST_MS, everyMs = EVERY_MS, clock = Date.now } = options
  const closing = new AbortController()

  const compare = async (against: string, read: ReadClock | undefined): Promise<void> => {
    if (read === undefined) return
    const began = performance.now()
    const theirsMs = await read()
    const halfTripMs = (performance.now() - began) / 2
    if (theirsMs === null) return
    const aheadMs = clock() - halfTripMs - theirsMs
    const provenMs = Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - halfTripMs)
    metrics.set('pullgate_clock_skew_seconds', { against }, provenMs / 1000)
  }

  const run = async (): Promise<void> => {
    await pause(firstMs, closing.signal)
    while (!closing.signal.aborted) {
      const clocks = { log: engine.log.clock, store: engine.store.admin.clock }
      for (const [against, read] of Object.entries(clocks))
        await compare(against, read).catch((err: unknown) => log.debug({ against, err }, 'a clock could not be read'))
      await pause(everyMs, closing.signal)
    }
  }
  void run()
  return { close: () => closing.abort() }
}
