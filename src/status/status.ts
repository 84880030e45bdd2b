import type { HistogramReading } from '../metrics/histogram.ts'
import type { Reading } from '../metrics/values.ts'
import type { PartitionReading, ProjectionView } from './projection-view.ts'
import { quantileOf } from './quantile.ts'

/**
 * The status page's content, computed from two readings of the metrics some seconds apart. It holds no personal data.
 */
export type StatusView = {
  readonly version: string
  readonly uptimeSeconds: number
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
  /** By answer source: pulls a second, and the median and the 99th percentile of their milliseconds. */
  readonly pulls: readonly {
    readonly source: string
    readonly perSecond: number
    readonly p50Ms: number | null
    readonly p99Ms: number | null
  }[]
  readonly codes: readonly { readonly code: string; readonly perSecond: number }[]
  readonly fallbacks: readonly Counted<'reason'>[]
  readonly partitions: readonly (PartitionReading & { readonly broken: boolean })[]
  readonly erps: readonly {
    readonly erp: string
    readonly breaker: 'closed' | 'half-open' | 'open'
    /** The last probe failed. */
    readonly probeFailed: boolean
    /** Why, in a few words, where this process knows it. */
    readonly probeFailure?: string | null
    readonly inFlight: number
    readonly perSecond: number
    readonly failuresPerSecond: number
    /** The most frequent outcome of its failing calls; `null`: no call fails. */
    readonly failing: string | null
    readonly p99Ms: number | null
  }[]
  readonly suspects: number | null
  readonly deadLettersOpen: number | null
  readonly deadLetters: readonly Counted<'reason'>[]
  /** Those publishers that have some, the most first. */
  readonly deadLetterSources: readonly Counted<'source'>[]
  readonly publishers: readonly {
    readonly source: string
    /** `null`: no heartbeat was ever received. */
    readonly ageSeconds: number | null
    readonly limitSeconds: number | null
    readonly misrouted: number
  }[]
  readonly events: readonly { readonly outcome: string; readonly perSecond: number }[]
  /** Counted over the last 48 hours, or since a later start; `null`: not counted in this process. */
  readonly answers: { readonly changed: number; readonly lower: number; readonly hours: number } | null
  readonly rewinds: number | null
  readonly fenced: number | null
}

type Counted<L extends string> = Readonly<Record<L, string>> & { readonly perSecond: number; readonly total: number }

/** All values of a status, read at one moment (`atMs`, monotonic). */
export type Sample = {
  readonly atMs: number
  readonly plain: ReadonlyMap<string, readonly Reading[]>
  readonly histograms: ReadonlyMap<string, readonly HistogramReading[]>
}

const SHOWN_SOURCES = 5

const BREAKER = ['closed', 'half-open', 'open'] as const

export const statusOf = (
  before: Sample,
  now: Sample,
  head: Pick<StatusView, 'version' | 'uptimeSeconds' | 'checks'>,
  projection: ProjectionView | null,
  changedBefore: readonly Reading[] = [],
): StatusView => {
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000)
  const rate = (difference: number): number => Math.max(0, difference) / seconds
  const increases = (name: string) => increasesOf(before.plain.get(name) ?? [], now.plain.get(name) ?? [])
  const counted = <L extends string>(name: string, label: L): Counted<L>[] =>
    increases(name).map(
      ({ labels, value, increase }) =>
        ({ [label]: labels[label] ?? '', perSecond: rate(increase), total: value }) as Counted<L>,
    )
  const gauge = (name: string, labels: Readonly<Record<string, string>> = {}): number | null =>
    now.plain.get(name)?.find((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
      ?.value ?? null

  const pulls = grown(before, now, 'pullgate_pull_duration_seconds')
  const calls = grown(before, now, 'pullgate_erp_request_duration_seconds')
  const misrouted = new Map(
    (now.plain.get('pullgate_misrouted_total') ?? []).map((one) => [one.labels['source'], one.value]),
  )
  return {
    ...head,
    pulls: grouped(pulls, 'source').map(([source, group]) => {
      const timed = timedOf(group)
      return { source, perSecond: rate(timed.count), p50Ms: timed.at(0.5), p99Ms: timed.at(0.99) }
    }),
    codes: grouped(pulls, 'code').map(([code, group]) => ({ code, perSecond: rate(timedOf(group).count) })),
    fallbacks: counted('pullgate_pull_fallback_total', 'reason'),
    partitions: (projection?.partitions ?? []).map((reading) => ({
      ...reading,
      broken: gauge('pullgate_log_broken', { partition: String(reading.partition) }) === 1,
    })),
    erps: grouped(calls, 'erp').map(([erp, group]) => {
      const timed = timedOf(group.filter(({ labels }) => labels['outcome'] === 'answer'))
      const failed = timedOf(group.filter(({ labels }) => labels['outcome'] !== 'answer'))
      return {
        erp,
        breaker: BREAKER[gauge('pullgate_erp_breaker_state', { erp }) ?? 0] ?? 'closed',
        probeFailed: gauge('pullgate_erp_probe_failed', { erp }) === 1,
        inFlight: gauge('pullgate_erp_in_flight', { erp }) ?? 0,
        perSecond: rate(timedOf(group).count),
        failuresPerSecond: rate(failed.count),
        failing: mostOf(group),
        p99Ms: timed.at(0.99),
      }
    }),
    suspects: projection?.suspects ?? null,
    deadLettersOpen: gauge('pullgate_dead_letters_open'),
    deadLetters: counted('pullgate_dead_letters_total', 'reason'),
    deadLetterSources: counted('pullgate_dead_letters_by_source_total', 'source')
      .filter(({ total }) => total > 0)
      .sort((a, b) => b.total - a.total)
      .slice(0, SHOWN_SOURCES),
    publishers: (now.plain.get('pullgate_publisher_heartbeat_age_seconds') ?? []).map(({ labels, value }) => ({
      source: labels['source'] ?? '',
      ageSeconds: finite(value),
      limitSeconds: gauge('pullgate_publisher_heartbeat_limit_seconds', { source: labels['source'] ?? '' }),
      misrouted: misrouted.get(labels['source']) ?? 0,
    })),
    events: grouped(increases('pullgate_events_total'), 'outcome').map(([outcome, group]) => ({
      outcome,
      perSecond: rate(group.reduce((sum, { increase }) => sum + increase, 0)),
    })),
    answers: answersChanged(changedBefore, now.plain.get(SUPERSEDED) ?? [], head.uptimeSeconds),
    rewinds: gauge('pullgate_store_rewinds_total'),
    fenced: gauge('pullgate_fenced_writes_total'),
  }
}

export const SUPERSEDED = 'pullgate_answers_superseded_total'
export const CHANGES_KEPT_HOURS = 48

/** @param before the counts of 48 hours ago; empty where the process is younger */
const answersChanged = (
  before: readonly Reading[],
  now: readonly Reading[],
  uptimeSeconds: number,
): StatusView['answers'] => {
  if (now.length === 0) return null
  const grownBy = increasesOf(before, now)
  const changed = grownBy.reduce((sum, { increase }) => sum + increase, 0)
  const lower = grownBy.find(({ labels }) => labels['change'] === 'lower')?.increase ?? 0
  return { changed, lower, hours: Math.min(CHANGES_KEPT_HOURS, Math.ceil(uptimeSeconds / 3600)) }
}

/** The most frequent outcome of the failed calls. */
const mostOf = (group: readonly HistogramReading[]): string | null => {
  const failed = grouped(
    group.filter(({ labels }) => labels['outcome'] !== 'answer'),
    'outcome',
  ).map(([outcome, calls]) => ({ outcome, count: timedOf(calls).count }))
  const most = failed.sort((a, b) => b.count - a.count)[0]
  return most && most.count > 0 ? most.outcome : null
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null)

const keyOf = (labels: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(labels).sort())

const increasesOf = (before: readonly Reading[], now: readonly Reading[]) => {
  const known = new Map(before.map(({ labels, value }) => [keyOf(labels), value]))
  return now.map(({ labels, value }) => ({ labels, value, increase: value - (known.get(keyOf(labels)) ?? 0) }))
}

/** Histograms of the observations between the two readings. */
const grown = (before: Sample, now: Sample, name: string): readonly HistogramReading[] => {
  const known = new Map((before.histograms.get(name) ?? []).map((one) => [keyOf(one.labels), one.counts]))
  return (now.histograms.get(name) ?? []).map(({ labels, bounds, counts }) => {
    const former = known.get(keyOf(labels))
    return { labels, bounds, counts: former ? counts.map((count, at) => count - (former[at] ?? 0)) : counts }
  })
}

const grouped = <T extends { readonly labels: Readonly<Record<string, string>> }>(
  items: readonly T[],
  label: string,
): [string, T[]][] => [...Map.groupBy(items, ({ labels }) => labels[label] ?? '')]

/** Adds several histograms with the same bounds. */
const timedOf = (group: readonly HistogramReading[]) => {
  const bounds = group[0]?.bounds ?? []
  const counts = bounds
    .concat(Number.POSITIVE_INFINITY)
    .map((_, at) => group.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0))
  // Series without buckets of their own count as well.
  const count = group.flatMap((one) => one.counts).reduce((sum, one) => sum + one, 0)
  const at = (share: number): number | null => {
    const seconds = quantileOf(bounds, counts, share)
    return seconds === null ? null : seconds * 1000
  }
  return { count, at }
}
