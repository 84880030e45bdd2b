import type { Labels } from './spec.ts'

/** Prometheus's text format, version 0.0.4, as prom-client writes it. */

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }
const escapeLabel = (text: string): string => text.replace(/[\\\n"]/g, (found) => escapes[found] ?? found)
const escapeHelp = (text: string): string => text.replace(/[\\\n]/g, (found) => escapes[found] ?? found)

/** The part of a line before its value. */
export const seriesHead = (name: string, labelNames: readonly string[], labels: Labels): string => {
  const pairs = labelNames.map((label) => `${label}="${escapeLabel(labels[label] ?? '')}"`)
  return pairs.length === 0 ? `${name} ` : `${name}{${pairs.join(',')}} `
}

export const valueText = (value: number): string => {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

export const familyHead = (name: string, kind: string, help: string): string =>
  `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`
