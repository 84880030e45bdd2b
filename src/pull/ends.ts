import type { Log, LogEnd } from '../../consumers/ports/log.ts'

/**
 * The log's end offsets, and the moment (Unix milliseconds) from which they are known to be the truth or later. Of a
 * partition that is missing nothing is known.
 */
export type Ends = { readonly ends: ReadonlyMap<number, LogEnd>; readonly askedAtMs: number }

/**
 * Resolves, within the look-up's patience, to end offsets that were asked after this call; `null` where the log does not tell.
 *
 * @param wanted the partition that the caller needs, or all of them
 */
export type EndsLookup = (wanted: number | 'all') => Promise<Ends | null>

export type EndsOptions = {
  readonly topic: string
  readonly partitions: readonly number[]
  /** The least time between the starts of two look-ups. */
  readonly paceMs: number
  /** How long a pull may wait for a log that hangs. */
  readonly patienceMs: number
  readonly onError: (error: unknown) => void
}

/**
 * One shared look-up for each failure domain: who needs a partition waits for the server that leads it, and never for
 * another one that hangs.
 */
export const endsLookup = (log: Pick<Log, 'ends' | 'domains'>, options: EndsOptions): EndsLookup => {
  const { topic, partitions } = options
  const lookups = new WeakMap<readonly number[], SharedLookup>()
  const lookupOf = (domain: readonly number[]): SharedLookup => {
    const known = lookups.get(domain)
    if (known !== undefined) return known
    const lookup = sharedLookup(log, domain, options)
    lookups.set(domain, lookup)
    return lookup
  }

  return (wanted) => {
    const domains = log.domains(topic, partitions)
    const [first] = domains
    if (first !== undefined && domains.length === 1) return lookupOf(first)()
    if (wanted === 'all') return Promise.all(domains.map((domain) => lookupOf(domain)())).then(merged)
    const domain = domains.find((one) => one.includes(wanted))
    return domain === undefined ? Promise.resolve(null) : lookupOf(domain)()
  }
}

/** What some domains told; as old as the oldest of it. */
const merged = (told: readonly (Ends | null)[]): Ends | null => {
  const all = told.filter((one) => one !== null)
  if (all.length === 0) return null
  return {
    ends: new Map(all.flatMap(({ ends }) => [...ends])),
    askedAtMs: all.reduce((oldest, { askedAtMs }) => Math.min(oldest, askedAtMs), Number.POSITIVE_INFINITY),
  }
}

type SharedLookup = () => Promise<Ends | null>

/**
 * One look-up in flight at a time, shared by all that came before it started; the next one starts `paceMs` after the
 * last at the earliest, so that a storm of pulls does not become a storm of look-ups. It is also one timer for all of
 * them: where it is late, nobody who waits, for this one or the next, waits any longer.
 */
const sharedLookup = (log: Pick<Log, 'ends'>, domain: readonly number[], options: EndsOptions): SharedLookup => {
  const { topic, partitions, paceMs, patienceMs, onError } = options
  type Waiter = (result: Ends | null) => void
  let waiting: Waiter[] = []
  let busy = false
  let lastStart = Number.NEGATIVE_INFINITY

  const start = (): void => {
    const served = waiting
    waiting = []
    lastStart = performance.now()
    const askedAtMs = Date.now()
    let isOver = false
    const end = (result: Ends | null, alsoEnded: readonly Waiter[]): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      for (const resolve of served) resolve(result)
      for (const resolve of alsoEnded) resolve(null)
      busy = false
      if (waiting.length > 0) schedule()
    }
    const timer = setTimeout(() => {
      const late = waiting
      waiting = []
      end(null, late)
    }, patienceMs)
    log.ends(topic, domain).then(
      (ends) => end({ ends: hasCount(ends, partitions.length) ? ends : new Map(), askedAtMs }, []),
      (error) => {
        onError(error)
        end(null, [])
      },
    )
  }

  const schedule = (): void => {
    busy = true
    const pause = lastStart + paceMs - performance.now()
    if (pause > 0) setTimeout(start, pause)
    else start()
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (!busy) schedule()
    })
}

/** Where the topic has other partitions than are configured, a student's next event may lie where nobody reads. */
const hasCount = (ends: ReadonlyMap<number, LogEnd>, configured: number): boolean => {
  for (const { partitions } of ends.values()) if (partitions !== configured) return false
  return true
}
