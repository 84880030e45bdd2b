import type { CounterName, GaugeName, HistogramName, Metrics } from '../metrics/metrics.ts'
import type { Reading } from '../metrics/values.ts'
import type { ProjectionView } from './projection-view.ts'
import { CHANGES_KEPT_HOURS, type Sample, type StatusView, SUPERSEDED, statusOf } from './status.ts'

/** The last minutes with one point for each step, oldest first, for the sparklines. */
export type History = {
  readonly stepSeconds: number
  /** By answer source. */
  readonly pulls: Readonly<Record<string, readonly { readonly perSecond: number; readonly p99Ms: number | null }[]>>
}

export type Sampler = {
  /** The current metrics compared with those of some seconds ago. */
  readonly status: (
    head: Pick<StatusView, 'version' | 'uptimeSeconds' | 'checks'>,
    projection: ProjectionView | null,
  ) => Promise<StatusView>
  readonly history: () => History
  readonly stop: () => void
}

const PLAIN: readonly (CounterName | GaugeName)[] = [
  'pullgate_pull_fallback_total',
  'pullgate_log_broken',
  'pullgate_erp_breaker_state',
  'pullgate_erp_probe_failed',
  'pullgate_erp_in_flight',
  'pullgate_dead_letters_open',
  'pullgate_dead_letters_total',
  'pullgate_dead_letters_by_source_total',
  'pullgate_publisher_heartbeat_age_seconds',
  'pullgate_publisher_heartbeat_limit_seconds',
  'pullgate_misrouted_total',
  'pullgate_events_total',
  'pullgate_store_rewinds_total',
  'pullgate_fenced_writes_total',
  SUPERSEDED,
]
const TIMED: readonly HistogramName[] = ['pullgate_pull_duration_seconds', 'pullgate_erp_request_duration_seconds']

const STEP_MS = 2_000
const HOUR_MS = 3_600_000
/** Five minutes. */
const POINTS = 150
/** Number of steps that a rate or quantile covers. */
const WINDOW = 5

/** Reads the metrics every two seconds, so that a newly opened page shows the last minutes at once. */
export const startSampler = (metrics: Metrics): Sampler => {
  const past: Sample[] = []
  const points: StatusView['pulls'][] = []

  const look = async (): Promise<Sample> => {
    const plain = await Promise.all(PLAIN.map(async (name) => [name, await metrics.read(name)] as const))
    return {
      atMs: performance.now(),
      plain: new Map(plain),
      histograms: new Map(TIMED.map((name) => [name, metrics.readHistogram(name)])),
    }
  }

  /** Hourly counts; once 48 hours have passed, the first is the one of 48 hours ago. */
  const hourly: { readonly atMs: number; readonly readings: readonly Reading[] }[] = []
  const keepHour = ({ atMs, plain }: Sample): void => {
    if (atMs - (hourly.at(-1)?.atMs ?? 0) < HOUR_MS) return
    hourly.push({ atMs, readings: plain.get(SUPERSEDED) ?? [] })
    while (atMs - (hourly[1]?.atMs ?? atMs) >= CHANGES_KEPT_HOURS * HOUR_MS) hourly.shift()
  }
  const changedBefore = (atMs: number): readonly Reading[] => {
    const [oldest] = hourly
    return oldest !== undefined && atMs - oldest.atMs >= CHANGES_KEPT_HOURS * HOUR_MS ? oldest.readings : []
  }

  const step = async (): Promise<void> => {
    const now = await look()
    keepHour(now)
    const before = past.at(-1)
    past.push(now)
    if (past.length > WINDOW) past.shift()
    if (before) points.push(statusOf(before, now, NOBODY, null).pulls)
    if (points.length > POINTS) points.shift()
  }
  const timer = setInterval(() => void step(), STEP_MS)
  timer.unref()
  void step()

  return {
    status: async (head, projection) => {
      await metrics.collect()
      const now = await look()
      return statusOf(past[0] ?? now, now, head, projection, changedBefore(now.atMs))
    },
    history: () => ({ stepSeconds: STEP_MS / 1000, pulls: bySource(points) }),
    stop: () => clearInterval(timer),
  }
}

const NOBODY = { version: '', uptimeSeconds: 0, checks: [] }

const bySource = (points: readonly StatusView['pulls'][]): History['pulls'] => {
  const sources = new Set(points.flatMap((point) => point.map(({ source }) => source)))
  return Object.fromEntries(
    Array.from(sources, (source) => [
      source,
      points.map((point) => {
        const { perSecond = 0, p99Ms = null } = point.find((one) => one.source === source) ?? {}
        return { perSecond, p99Ms }
      }),
    ]),
  )
}
