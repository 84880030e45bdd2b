import type { Labels } from './spec.ts'
import { familyHead, seriesHead, valueText } from './text.ts'

type Series = { readonly labels: Labels; readonly head: string; value: number; line: string; lineValue: number }

/** All series of one counter or gauge. A line is made anew only when its value has changed. */
export type Values = {
  /** The series, at 0 unless it is there. */
  readonly ensure: (labels: Labels, start: number) => void
  readonly add: (labels: Labels, amount: number) => void
  readonly set: (labels: Labels, value: number) => void
  /** Removes what is not to be kept. */
  readonly retain: (keep: (labels: Labels) => boolean) => void
  readonly render: () => string
}

export const values = (name: string, kind: string, help: string, labelNames: readonly string[]): Values => {
  const series = new Map<string, Series>()
  const keyOf = (labels: Labels): string => {
    let key = ''
    for (const label of labelNames) key += `${labels[label] ?? ''}\u0000`
    return key
  }
  const at = (labels: Labels, start = 0): Series => {
    const key = keyOf(labels)
    const known = series.get(key)
    if (known !== undefined) return known
    const made = { labels, head: seriesHead(name, labelNames, labels), value: start, line: '', lineValue: Number.NaN }
    series.set(key, made)
    return made
  }
  const line = (one: Series): string => {
    if (one.value !== one.lineValue) {
      one.lineValue = one.value
      one.line = `${one.head}${valueText(one.value)}\n`
    }
    return one.line
  }
  return {
    ensure: (labels, start) => void at(labels, start),
    add: (labels, amount) => {
      at(labels).value += amount
    },
    set: (labels, value) => {
      at(labels).value = value
    },
    retain: (keep) => {
      for (const [key, { labels }] of series) if (!keep(labels)) series.delete(key)
    },
    render: () => {
      let text = familyHead(name, kind, help)
      for (const one of series.values()) text += line(one)
      return text
    },
  }
}
