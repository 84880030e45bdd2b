import { Counter, Gauge, Registry } from 'prom-client'
import { fastHistogram, type Observe } from './histogram.ts'
import { type Dimensions, type Labels, type MetricName, type MetricSpec, type Role, table } from './table.ts'

type NamesOf<K extends MetricSpec['kind']> = {
  [N in MetricName]: (typeof table)[N]['kind'] extends K ? N : never
}[MetricName]

export type CounterName = NamesOf<'counter'>
export type GaugeName = NamesOf<'gauge'>
export type HistogramName = NamesOf<'histogram'>

/**
 * The only place that knows prom-client. A metric of a role that this process does not play is not shown, and writing
 * to it does nothing, so that shared code need not ask.
 */
export type Metrics = {
  readonly add: (name: CounterName, labels?: Labels, amount?: number) => void
  readonly set: (name: GaugeName, labels: Labels, value: number) => void
  /** One series of a histogram, looked up once and then cheap: for hot paths. */
  readonly observer: (name: HistogramName, labels?: Labels) => Observe
  /** Called before each scrape, to set gauges that are cheaper asked than told. A rejection is ignored. */
  readonly onScrape: (collect: () => void | Promise<void>) => void
  readonly contentType: string
  readonly render: () => Promise<string>
}

/** Publishers choose their sources' names: past this many the rest share one series, so that nobody floods Prometheus. */
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

export const buildMetrics = (roles: readonly Role[], dimensions: Dimensions): Metrics => {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, (labels: Labels) => Observe>()
  const collectors: (() => void | Promise<void>)[] = []
  const bounded = boundedSource()

  const declare = (name: string, spec: MetricSpec) => {
    const options = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
    const initial = spec.initial(dimensions)
    if (spec.kind === 'counter') {
      const counter = new Counter(options)
      for (const labels of initial) counter.inc(labels, 0)
      counters.set(name, counter)
    } else if (spec.kind === 'gauge') {
      const gauge = new Gauge(options)
      for (const labels of initial) gauge.set(labels, spec.start ?? 0)
      gauges.set(name, gauge)
    } else {
      const { child, metric } = fastHistogram(name, spec.help, spec.labels, spec.buckets ?? [])
      registry.registerMetric(metric)
      for (const labels of initial) child(labels)
      histograms.set(name, child)
    }
  }
  for (const [name, spec] of Object.entries(table))
    if (spec.roles.some((role) => roles.includes(role))) declare(name, spec)

  return {
    add: (name, labels = {}, amount = 1) => counters.get(name)?.inc(bounded(labels), amount),
    set: (name, labels, value) => gauges.get(name)?.set(bounded(labels), value),
    observer: (name, labels = {}) => histograms.get(name)?.(labels) ?? (() => {}),
    onScrape: (collect) => {
      collectors.push(collect)
    },
    contentType: registry.contentType,
    render: async () => {
      await Promise.allSettled(collectors.map(async (collect) => collect()))
      return registry.metrics()
    },
  }
}
