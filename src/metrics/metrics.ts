import { Registry } from 'prom-client'
import { exemplars } from './exemplars.ts'
import { type Histogram, type HistogramReading, histogram, type Observe } from './histogram.ts'
import { asOpenMetrics, OPEN_METRICS_END } from './open-metrics.ts'
import type { Dimensions, Labels, MetricSpec, Role } from './spec.ts'
import { type MetricName, table } from './table.ts'
import { type Reading, type Values, values } from './values.ts'

type NamesOf<K extends MetricSpec['kind']> = {
  [N in MetricName]: (typeof table)[N]['kind'] extends K ? N : never
}[MetricName]

export type CounterName = NamesOf<'counter'>
export type GaugeName = NamesOf<'gauge'>
export type HistogramName = NamesOf<'histogram'>

/**
 * Counters and gauges are prom-client's. Histograms are Pullgate's own (src/metrics/histogram.ts), because hits must be
 * fast and hundreds of ERPs make up most of a scrape.
 * A metric of a role that this process does not have is not shown, and writing to it has no effect. Shared code
 * therefore needs no check.
 */
export type Metrics = {
  readonly add: (name: CounterName, labels?: Labels, amount?: number) => void
  readonly set: (name: GaugeName, labels: Labels, value: number) => void
  /** One series of a histogram for hot paths: found once, then cheap. */
  readonly observer: (name: HistogramName, labels?: Labels) => Observe
  /** Called before each scrape, for gauges that are cheaper to read than to update. A rejection is ignored. */
  readonly onScrape: (collect: () => void | Promise<void>) => void
  /** After a reload: adds the initial series for new values and removes gauges of removed values. Counters stay. */
  readonly cover: (dimensions: Dimensions) => void
  /** Sets the gauges that are read at each scrape; a collector that fails or hangs affects only its own gauges. */
  readonly collect: () => Promise<void>
  /** The series of a counter or gauge; none where this process does not have the metric's role. */
  readonly read: (name: CounterName | GaugeName) => Promise<readonly Reading[]>
  readonly readHistogram: (name: HistogramName) => readonly HistogramReading[]
  readonly contentType: string
  readonly render: () => Promise<string>
  /** The same as OpenMetrics, with exemplars from the second time on. */
  readonly renderOpen: () => Promise<string>
}

/**
 * Publishers choose their sources' names: sources beyond this number share one series, so that none can flood
 * Prometheus.
 */
const maxSources = 500

const boundedSource = () => {
  const seen = new Set<string>()
  return (labels: Labels): Labels => {
    const source = labels['source']
    if (source === undefined || seen.has(source)) return labels
    if (seen.size >= maxSources) return { ...labels, source: 'other' }
    seen.add(source)
    return labels
  }
}

/**
 * Milliseconds for a collector, so that one that hangs does not cost the whole scrape: Prometheus stops after ten
 * seconds by default.
 */
const collectMs = 1_000

const inTime = (collect: () => void | Promise<void>): void | Promise<void> => {
  const collected = collect()
  if (!(collected instanceof Promise)) return
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, collectMs)
    collected
      .catch(() => {})
      .then(() => {
        clearTimeout(timer)
        resolve()
      })
  })
}

export const buildMetrics = (roles: readonly Role[], dimensions: Dimensions): Metrics => {
  const specs = (Object.entries(table) as [string, MetricSpec][]).filter(([, spec]) =>
    spec.roles.some((role) => roles.includes(role)),
  )
  const registry = new Registry()
  const plain = new Map<string, Values>()
  const histograms = new Map<string, Histogram>()
  const collectors: (() => void | Promise<void>)[] = []
  const bounded = boundedSource()
  const wanted = exemplars()

  for (const [name, { kind, help, labels, buckets, bucketsOf }] of specs) {
    if (kind === 'histogram') histograms.set(name, histogram(name, help, labels, buckets ?? [], bucketsOf, wanted))
    else plain.set(name, values(registry, name, kind, help, labels))
  }

  const cover = (now: Dimensions): void => {
    for (const [name, { kind, initial, start, labels: names, values: closed }] of specs) {
      const wanted = initial(now)
      for (const labels of wanted) {
        plain.get(name)?.ensure(labels, start ?? 0)
        histograms.get(name)?.child(labels)
      }
      const isConfigured = kind === 'gauge' && names.some((label) => label === 'erp' || label === 'source')
      if (isConfigured && closed === undefined) {
        const kept = new Set(wanted.map((labels) => JSON.stringify(labels)))
        plain.get(name)?.retain((labels) => kept.has(JSON.stringify(labels)))
      }
    }
  }
  cover(dimensions)

  const collect = async (): Promise<void> => {
    await Promise.allSettled(collectors.map(async (one) => inTime(one)))
  }

  return {
    add: (name, labels = {}, amount = 1) => plain.get(name)?.add(bounded(labels), amount),
    set: (name, labels, value) => plain.get(name)?.set(bounded(labels), value),
    observer: (name, labels = {}) => histograms.get(name)?.child(labels) ?? (() => {}),
    onScrape: (collect) => {
      collectors.push(collect)
    },
    cover,
    contentType: registry.contentType,
    collect,
    read: async (name) => (await plain.get(name)?.read()) ?? [],
    readHistogram: (name) => histograms.get(name)?.read() ?? [],
    render: async () => {
      await collect()
      const text = await registry.metrics()
      return text + Array.from(histograms.values(), (each) => each.render()).join('')
    },
    renderOpen: async () => {
      wanted.want()
      await collect()
      const text = await registry.metrics()
      const timed = Array.from(histograms.values(), (each) => each.renderOpen()).join('')
      return asOpenMetrics(text) + timed + OPEN_METRICS_END
    },
  }
}
