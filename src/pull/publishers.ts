import type { Scouted } from '../../consumers/ports/scouted.ts'
import type { ProjectionReader } from '../../consumers/ports/store.ts'

/** What pulls need to know of publishers: who is alive, and who has been seen misrouting. What is told is at most `maxAgeMs` old. */
export type Publishers = {
  /** Youngest heartbeat per source, Unix milliseconds. */
  readonly heartbeats: (maxAgeMs: number) => Promise<ReadonlyMap<string, number>>
  readonly misrouting: (maxAgeMs: number) => Promise<ReadonlySet<string>>
  /** The same while partitions are behind: who misroutes may stand in what is not applied yet. */
  readonly misroutingAhead: (maxAgeMs: number) => Promise<MisroutingAhead>
}

export type MisroutingAhead = {
  readonly sources: ReadonlySet<string>
  /** Somewhere a misrouted record is not applied yet: whose it is, and whose the next one will be, nobody knows. */
  readonly isPending: boolean
}

/**
 * Reads are shared by all pulls; a failed one is repeated by the next pull. Who has misrouted once is not trusted again
 * because the store forgot it: an emptied store learns of it only when the partition that it misrouted to is read anew.
 */
export const publishers = (
  reader: Pick<ProjectionReader, 'heartbeats' | 'misroutingSources' | 'scouted'>,
): Publishers => {
  const sources = everSeen(reader.misroutingSources)
  return {
    heartbeats: shared(reader.heartbeats),
    misrouting: shared(sources),
    // In this order: what is applied in between stands no longer ahead, but its source is known.
    misroutingAhead: shared(async () => ({
      isPending: isAnyPending(await reader.scouted()),
      sources: await sources(),
    })),
  }
}

const isAnyPending = (scouted: ReadonlyMap<number, Scouted>): boolean =>
  scouted.values().some(({ from, misrouted }) => misrouted >= from)

const everSeen = (read: () => Promise<ReadonlySet<string>>): (() => Promise<ReadonlySet<string>>) => {
  let seen: ReadonlySet<string> = new Set()
  return async () => {
    const now = await read()
    if (!now.isSubsetOf(seen)) seen = seen.union(now)
    return seen
  }
}

const shared = <T>(read: () => Promise<T>): ((maxAgeMs: number) => Promise<T>) => {
  let value: Promise<T> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  return (maxAgeMs) => {
    const now = performance.now()
    // The age counts from before the read: what it is told may have changed since then.
    if (value === null || now - readAt >= maxAgeMs) {
      const reading = read()
      value = reading
      readAt = now
      reading.catch(() => {
        if (value === reading) value = null
      })
    }
    return value
  }
}
