import type { ProjectionReader } from '../../consumers/ports/store.ts'
import type { Config } from '../config/load.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Told at each scrape. While the store does not answer, what was seen last grows older: silence is not a heartbeat. */
export const tellHeartbeats = (
  metrics: Metrics,
  reader: Pick<ProjectionReader, 'heartbeats'>,
  branches: () => Config['branches'],
  clock: () => number,
): void => {
  let seen: ReadonlyMap<string, number> = new Map()
  const tell = (): void => {
    for (const { heartbeat } of branches()) {
      if (!heartbeat) continue
      const { source, max_age_ms } = heartbeat
      const at = seen.get(source)
      const age = at === undefined ? Number.POSITIVE_INFINITY : Math.max(0, clock() - at) / 1000
      metrics.set('pullgate_publisher_heartbeat_age_seconds', { source }, age)
      metrics.set('pullgate_publisher_heartbeat_limit_seconds', { source }, max_age_ms / 1000)
    }
  }
  metrics.onScrape(async () => {
    tell()
    seen = await reader.heartbeats()
    tell()
  })
}
