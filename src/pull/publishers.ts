import type { ProjectionReader } from '../../projections/store.ts'

/** What pulls need to know of publishers: who is alive, and who has been seen misrouting. */
export type Publishers = {
  readonly heartbeats: () => Promise<ReadonlyMap<string, number>>
  readonly misrouting: () => Promise<ReadonlySet<string>>
}

/** Read at most every `maxAgeMs`, shared by all pulls; a failed read is repeated by the next pull. */
export const publishers = (reader: ProjectionReader, maxAgeMs: number): Publishers => ({
  heartbeats: shared(reader.heartbeats, maxAgeMs),
  misrouting: shared(reader.misroutingSources, maxAgeMs),
})

const shared = <T>(read: () => Promise<T>, maxAgeMs: number): (() => Promise<T>) => {
  let value: Promise<T> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (value === null || now - readAt > maxAgeMs) {
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
