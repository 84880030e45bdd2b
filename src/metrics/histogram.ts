import type { Metric } from 'prom-client'
import type { Labels } from './table.ts'

/** Records one value in seconds (or whatever unit the metric's name says). */
export type Observe = (value: number) => void

type Series = { readonly labels: Labels; readonly counts: Float64Array; sum: number; count: number }

/**
 * prom-client's own `observe` checks and hashes the labels each time, 1.1 µs against 20 ns here, which is a third of
 * what authentication may cost on the path of every pull. The registry only asks a metric for its name and `get()`.
 */
export const fastHistogram = (name: string, help: string, labelNames: readonly string[], bounds: readonly number[]) => {
  const series = new Map<string, Series>()

  const child = (labels: Labels): Observe => {
    const key = JSON.stringify(labelNames.map((label) => labels[label] ?? ''))
    let at = series.get(key)
    if (at === undefined) {
      at = { labels, counts: new Float64Array(bounds.length + 1), sum: 0, count: 0 }
      series.set(key, at)
    }
    const target = at
    return (value) => {
      let i = 0
      while (i < bounds.length && value > bounds[i]!) i++
      target.counts[i]! += 1
      target.sum += value
      target.count += 1
    }
  }

  const values = ({ labels, counts, sum, count }: Series) => {
    let below = 0
    const buckets = [...bounds, '+Inf'].map((le, i) => {
      below += counts[i]!
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }

  const get = async () => ({ name, help, type: 'histogram', values: [...series.values()].flatMap(values) })
  return { child, metric: { name, get } as unknown as Metric }
}
