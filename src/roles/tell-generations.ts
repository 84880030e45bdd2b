import type { StoreAdmin } from '../../consumers/ports/store.ts'
import type { Metrics } from '../metrics/metrics.ts'

const EVERY_MS = 5_000

/** Reported at a scrape, read at most every five seconds. While the store does not answer, the last values stay. */
export const tellGenerations = (metrics: Metrics, admin: Pick<StoreAdmin, 'generations'>, now: () => number): void => {
  let readAt = Number.NEGATIVE_INFINITY
  metrics.onScrape(async () => {
    if (now() - readAt < EVERY_MS) return
    readAt = now()
    const { active, building } = await admin.generations()
    metrics.set('pullgate_generation_active', {}, active ?? 0)
    metrics.set('pullgate_generation_building', {}, building ?? 0)
  })
}
