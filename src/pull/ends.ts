import type { Log, LogEnd } from '../../consumers/log.ts'

/** The log's end offsets, and the moment (Unix milliseconds) from which they are known to be the truth or later. */
export type Ends = { readonly ends: ReadonlyMap<number, LogEnd>; readonly askedAtMs: number }

/** Resolves to end offsets that were asked after this call; `null` where the log cannot be asked. */
export type EndsLookup = () => Promise<Ends | null>

/**
 * One look-up in flight at a time, shared by all that came before it started; the next one starts `paceMs` after the
 * last at the earliest, so that a storm of pulls does not become a storm of look-ups.
 */
export const endsLookup = (
  log: Pick<Log, 'ends'>,
  topic: string,
  partitions: readonly number[],
  paceMs: number,
  onError: (error: unknown) => void,
): EndsLookup => {
  let waiting: ((result: Ends | null) => void)[] = []
  let busy = false
  let lastStart = Number.NEGATIVE_INFINITY

  const start = async (): Promise<void> => {
    const served = waiting
    waiting = []
    lastStart = performance.now()
    const askedAtMs = Date.now()
    const result = await log.ends(topic, partitions).then(
      (ends) => ({ ends, askedAtMs }),
      (error) => {
        onError(error)
        return null
      },
    )
    for (const resolve of served) resolve(result)
    busy = false
    if (waiting.length > 0) schedule()
  }

  const schedule = (): void => {
    busy = true
    const pause = lastStart + paceMs - performance.now()
    if (pause > 0) setTimeout(start, pause)
    else void start()
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (!busy) schedule()
    })
}
