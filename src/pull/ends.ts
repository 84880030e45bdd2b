import type { Log, LogEnd } from '../../consumers/ports/log.ts'

/**
 * The log's end offsets, valid as of the given moment (Unix milliseconds) or later. A missing partition has no known
 * end.
 */
export type Ends = { readonly ends: ReadonlyMap<number, LogEnd>; readonly askedAtMs: number }

/**
 * Resolves within `patienceMs` to end offsets requested after this call; `null` where the log does not answer.
 *
 * @param wanted the partition that the caller needs, or all of them
 */
export type EndsLookup = (wanted: number | 'all') => Promise<Ends | null>

export type EndsOptions = {
  readonly topic: string
  readonly partitions: readonly number[]
  /** Shortest time between the starts of two requests. */
  readonly paceMs: number
  /** Longest time that a pull waits for a log that hangs. */
  readonly patienceMs: number
  readonly onError: (error: unknown) => void
}

/**
 * One shared request for each failure domain. A caller waits only for the server that leads its partition, never for
 * another server that hangs.
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

/** Merges the replies of several domains; the result is as old as its oldest part. */
const merged = (replies: readonly (Ends | null)[]): Ends | null => {
  const all = replies.filter((one) => one !== null)
  if (all.length === 0) return null
  return {
    ends: new Map(all.flatMap(({ ends }) => [...ends])),
    askedAtMs: all.reduce((oldest, { askedAtMs }) => Math.min(oldest, askedAtMs), Number.POSITIVE_INFINITY),
  }
}

type SharedLookup = () => Promise<Ends | null>

/**
 * Shares one request in flight among all callers that arrived before its start.
 *
 * | state   | event                               | next state                                      |
 * |---------|-------------------------------------|-------------------------------------------------|
 * | idle    | a caller                            | paced                                           |
 * | paced   | `paceMs` passed since the last start | running: all waiting callers share the request  |
 * | running | a caller                            | running: the caller waits for the next request  |
 * | running | reply or error                      | paced where callers wait, else idle             |
 * | running | `patienceMs` passed                 | idle: callers that wait for the next one get `null` too |
 *
 * The next request starts at least `paceMs` after the last one started, so many pulls cause few requests. One timer
 * serves all callers: after it fires, no caller waits longer, for this request or the next.
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

/**
 * The topic's partition count differs from the configured one: a student's next event may be on a partition that is not
 * read.
 */
const hasCount = (ends: ReadonlyMap<number, LogEnd>, configured: number): boolean => {
  for (const { partitions } of ends.values()) if (partitions !== configured) return false
  return true
}
