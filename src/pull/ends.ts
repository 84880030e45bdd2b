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
  /** Shortest mean time between the starts of two requests. */
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

/** Requests in flight at once: the second serves those that came after the first began. */
const MOST_IN_FLIGHT = 2

/**
 * Shares requests among all callers that arrived before their start.
 *
 * | event                                      | effect                                                             |
 * |--------------------------------------------|--------------------------------------------------------------------|
 * | a caller                                   | waits for the next start                                           |
 * | callers wait, one more may be in flight    | a start is planned: at the end of this turn, or when it is in pace |
 * | the planned start                          | one request for all callers that wait                              |
 * | a reply or an error                        | its callers end                                                    |
 * | a request in flight for `patienceMs`       | its callers end with `null`, and so do all that wait for a start   |
 *
 * A start at the end of the turn serves every pull that the turn has received. The pace allows one start in each
 * `paceMs` on average, and `MOST_IN_FLIGHT` starts at once after a rest.
 * A caller never receives the reply to a request that started before it came. One timer for each request serves all
 * callers: those that wait for a start came after every request in flight.
 */
const sharedLookup = (log: Pick<Log, 'ends'>, domain: readonly number[], options: EndsOptions): SharedLookup => {
  const { topic, partitions, paceMs, patienceMs, onError } = options
  type Waiter = (result: Ends | null) => void
  let waiting: Waiter[] = []
  let inFlight = 0
  let isPlanned = false
  /** The time of the next start at an even pace, one in each `paceMs`. */
  let nextStart = Number.NEGATIVE_INFINITY
  const allowance = paceMs * (MOST_IN_FLIGHT - 1)

  const start = (): void => {
    isPlanned = false
    // Those that waited for this start may have ended because a request in flight was silent.
    if (waiting.length === 0) return
    const served = waiting
    waiting = []
    inFlight += 1
    nextStart = Math.max(nextStart, performance.now()) + paceMs
    const askedAtMs = Date.now()
    let isOver = false
    const end = (result: Ends | null, alsoEnded: readonly Waiter[]): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      inFlight -= 1
      for (const resolve of served) resolve(result)
      for (const resolve of alsoEnded) resolve(null)
      plan()
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

  const plan = (): void => {
    if (isPlanned || waiting.length === 0 || inFlight === MOST_IN_FLIGHT) return
    isPlanned = true
    const pause = nextStart - allowance - performance.now()
    if (pause > 0) setTimeout(start, pause)
    else setImmediate(start)
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      plan()
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
