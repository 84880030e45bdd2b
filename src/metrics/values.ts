import { Counter, Gauge, type Registry } from 'prom-client'
import type { Labels } from './spec.ts'

/** All series of one counter or gauge, kept by prom-client. */
export type Values = {
  /** Creates the series at `start` unless it exists. */
  readonly ensure: (labels: Labels, start: number) => void
  readonly add: (labels: Labels, amount: number) => void
  readonly set: (labels: Labels, value: number) => void
  /** Removes the series that `keep` rejects. */
  readonly retain: (keep: (labels: Labels) => boolean) => void
  readonly read: () => Promise<readonly Reading[]>
}

/** The current value of one series. */
export type Reading = { readonly labels: Labels; readonly value: number }

export const values = (
  registry: Registry,
  name: string,
  kind: 'counter' | 'gauge',
  help: string,
  labelNames: readonly string[],
): Values => {
  const options = { name, help, labelNames: [...labelNames], registers: [registry] }
  const counter = kind === 'counter' ? new Counter(options) : null
  const gauge = kind === 'gauge' ? new Gauge(options) : null
  /** prom-client does not list its series. */
  const known = new Map<string, Labels>()
  const keyOf = (labels: Labels): string => labelNames.map((label) => labels[label] ?? '').join('\u0000')
  const note = (labels: Labels): void => {
    const key = keyOf(labels)
    if (!known.has(key)) known.set(key, labels)
  }
  return {
    ensure: (labels, start) => {
      if (known.has(keyOf(labels))) return
      note(labels)
      counter?.inc(labels, start)
      gauge?.set(labels, start)
    },
    add: (labels, amount) => {
      note(labels)
      counter?.inc(labels, amount)
    },
    set: (labels, value) => {
      note(labels)
      gauge?.set(labels, value)
    },
    retain: (keep) => {
      for (const [key, labels] of known) {
        if (keep(labels)) continue
        known.delete(key)
        ;(counter ?? gauge)?.remove(labels)
      }
    },
    read: async () => {
      const { values } = (await (counter ?? gauge)?.get()) ?? { values: [] }
      return values.map(({ labels, value }) => ({ labels: labels as Labels, value }))
    },
  }
}
