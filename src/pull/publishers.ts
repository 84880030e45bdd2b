import type { Scouted } from '../../consumers/ports/scouted.ts'
import type { ProjectionReader } from '../../consumers/ports/store.ts'

/**
 * What pulls need to know of publishers: their heartbeats, and which sources have misrouted records. Values are at most
 * `maxAgeMs` old.
 */
export type Publishers = {
  /** Newest heartbeat for each source, Unix milliseconds. */
  readonly heartbeats: (maxAgeMs: number) => Promise<ReadonlyMap<string, number>>
  readonly misrouting: (maxAgeMs: number) => Promise<ReadonlySet<string>>
  /** The same while partitions are behind: records not yet applied may show a misrouting source. */
  readonly misroutingAhead: (maxAgeMs: number) => Promise<MisroutingAhead>
}

export type MisroutingAhead = {
  readonly sources: ReadonlySet<string>
  /** A misrouted record is not applied yet: its student, and the next misrouted student, are unknown. */
  readonly isPending: boolean
}

/** Milliseconds that a source stays untrusted after the store has forgotten it: a day. */
const FORGOTTEN_MS = 86_400_000

/**
 * All pulls share the reads; the next pull repeats a failed read. A source that has misrouted stays untrusted for a while
 * when the store forgets it: an emptied store learns of it only after the wrong partition is read again. A rebuild
 * forgets those that have misrouted nothing for long.
 */
export const publishers = (
  reader: Pick<ProjectionReader, 'heartbeats' | 'misroutingSources' | 'scouted'>,
  nowMs = () => performance.now(),
): Publishers => {
  const sources = seenLately(reader.misroutingSources, nowMs)
  return {
    heartbeats: shared(reader.heartbeats),
    misrouting: shared(sources),
    // The order matters: a record applied in between is no longer ahead, but its source is known.
    misroutingAhead: shared(async () => ({
      isPending: isAnyPending(await reader.scouted()),
      sources: await sources(),
    })),
  }
}

const isAnyPending = (scouted: ReadonlyMap<number, Scouted>): boolean =>
  scouted.values().some(({ from, misrouted }) => misrouted >= from)

const seenLately = (
  read: () => Promise<ReadonlySet<string>>,
  nowMs: () => number,
): (() => Promise<ReadonlySet<string>>) => {
  const seen = new Map<string, number>()
  return async () => {
    const stored = await read()
    const now = nowMs()
    for (const source of stored) seen.set(source, now)
    for (const [source, at] of seen) if (now - at > FORGOTTEN_MS) seen.delete(source)
    return new Set(seen.keys())
  }
}

const shared = <T>(read: () => Promise<T>): ((maxAgeMs: number) => Promise<T>) => {
  let value: Promise<T> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  return (maxAgeMs) => {
    const now = performance.now()
    // The age counts from before the read, because the data may change during the read.
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
