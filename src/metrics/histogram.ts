import { type BucketExemplars, bucketExemplars, type Exemplars } from './exemplars.ts'
import type { Labels } from './spec.ts'
import { familyHead, seriesHead, valueText } from './text.ts'

/** Records one value in seconds, or in the unit of the metric's name; `requestId` makes it an exemplar where wanted. */
export type Observe = (value: number, requestId?: string) => void

type Series = {
  readonly labels: Labels
  readonly bounds: readonly number[]
  readonly heads: readonly string[]
  readonly counts: Float64Array
  sum: number
  count: number
  text: string
  textCount: number
  reading: HistogramReading | null
  readingCount: number
  examples: BucketExemplars | null
  readonly observe: Observe
}

/** All series of one histogram. After one read of `child`, an observation costs about 20 ns. */
export type Histogram = {
  readonly child: (labels: Labels) => Observe
  readonly read: () => readonly HistogramReading[]
  readonly render: () => string
  /** The same with exemplars, as OpenMetrics has them. */
  readonly renderOpen: () => string
}

/** The current values of one series; `counts` are by bucket, not cumulative, the last one above every bound. */
export type HistogramReading = {
  readonly labels: Labels
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

export const histogram = (
  name: string,
  help: string,
  labelNames: readonly string[],
  allBounds: readonly number[],
  boundsOf: Labels = {},
  exemplars?: Exemplars,
): Histogram => {
  const series = new Map<string, Series>()

  const boundsFor = (labels: Labels): readonly number[] =>
    Object.entries(boundsOf).every(([name, value]) => labels[name] === value) ? allBounds : []

  const open = (labels: Labels): Series => {
    const bounds = boundsFor(labels)
    const bucket = (le: string) => seriesHead(`${name}_bucket`, ['le', ...labelNames], { ...labels, le })
    const counts = new Float64Array(bounds.length + 1)
    const made: Series = {
      labels,
      bounds,
      heads: [
        ...[...bounds.map(String), '+Inf'].map(bucket),
        seriesHead(`${name}_sum`, labelNames, labels),
        seriesHead(`${name}_count`, labelNames, labels),
      ],
      counts,
      sum: 0,
      count: 0,
      text: '',
      textCount: -1,
      reading: null,
      readingCount: -1,
      examples: null,
      observe: (value, requestId) => {
        let i = 0
        while (i < bounds.length && value > bounds[i]!) i++
        counts[i]! += 1
        made.sum += value
        made.count += 1
        if (requestId !== undefined && exemplars?.areWanted()) {
          made.examples ??= bucketExemplars(bounds.length + 1)
          made.examples.note(i, value, requestId)
        }
      },
    }
    return made
  }

  const child = (labels: Labels): Observe => {
    const key = labelNames.map((label) => labels[label] ?? '').join('\u0000')
    const known = series.get(key) ?? open(labels)
    series.set(key, known)
    return known.observe
  }

  /** Rebuilt only after an observation: most of hundreds of ERPs are idle. */
  const text = (one: Series): string => {
    if (one.count === one.textCount) return one.text
    one.text = lines(one, null)
    one.textCount = one.count
    return one.text
  }
  const lines = (one: Series, examples: BucketExemplars | null): string => {
    let below = 0
    let all = ''
    for (let i = 0; i <= one.bounds.length; i++) {
      below += one.counts[i]!
      all += `${one.heads[i]}${below}${examples?.textOf(i) ?? ''}\n`
    }
    return `${all}${one.heads.at(-2)}${valueText(one.sum)}\n${one.heads.at(-1)}${one.count}\n`
  }

  /** The same object until the next observation: the status page keeps several readings of hundreds of ERPs. */
  const reading = (one: Series): HistogramReading => {
    if (one.reading !== null && one.count === one.readingCount) return one.reading
    one.readingCount = one.count
    one.reading = { labels: one.labels, bounds: one.bounds, counts: Array.from(one.counts) }
    return one.reading
  }

  return {
    child,
    read: () => Array.from(series.values(), reading),
    render: () => {
      let all = familyHead(name, 'histogram', help)
      for (const one of series.values()) all += text(one)
      return all
    },
    renderOpen: () => {
      let all = familyHead(name, 'histogram', help)
      for (const one of series.values()) all += one.examples === null ? text(one) : lines(one, one.examples)
      return all
    },
  }
}
