import type { MetricSpec } from './spec.ts'
import { table } from './table.ts'

const row = ([name, spec]: readonly [string, MetricSpec]): string => {
  const labels = spec.labels.map((label) => `\`${label}\``).join(', ') || '–'
  return `| \`${name}\` | ${spec.kind} | ${labels} | ${spec.roles.join(', ')} | ${spec.help} |`
}

const labelValues = ([name, spec]: readonly [string, MetricSpec]): string[] =>
  Object.entries(spec.values ?? {}).map(
    ([label, values]) => `- \`${name}\`, \`${label}\`: ${values.map((value) => `\`${value}\``).join(', ')}`,
  )

const buckets = ([name, spec]: readonly [string, MetricSpec]): string[] =>
  spec.buckets === undefined ? [] : [`- \`${name}\`: ${spec.buckets.join(', ')}${withBuckets(spec)}`]

const withBuckets = ({ bucketsOf = {} }: MetricSpec): string =>
  Object.entries(bucketsOf)
    .map(([label, value]) => `; series of another \`${label}\` than \`${value}\` have the bucket \`+Inf\` alone`)
    .join('')

/** The complete docs/metrics.md. */
export const metricsReference = (): string => {
  const entries = Object.entries(table) as [string, MetricSpec][]
  return `# Metrics

Served as Prometheus text, or as OpenMetrics to a scraper that prefers it, at \`/metrics\` on \`METRICS_PORT\` (9090), beside \`/livez\` and \`/readyz\`. Units are base units.
[Observability](observability.md) says what they are for: objectives, dashboards, alerts.

Labels hold no student's identifier, no person's name and no URL. An ERP is \`group\`, or the code of the first branch
that uses it; \`/readyz?verbose\` of a gateway names all branches of an ERP. \`source\` of a publisher's metric is the
CloudEvents source, as publishers chose it; beyond 500 different ones
the rest are counted under \`source="other"\`, and events whose source cannot be read under \`source="unknown"\`.

Each role shows its series from the start, at 0 unless said otherwise, for the ERPs and sources of the configuration too;
a reload adds what is new and takes away the gauges of what is gone. Three things come with their first occurrence, to
keep a scrape small: the HTTP codes of refused pulls (4xx), rarer outcomes of an event's type (each outcome is there under
\`type="unknown"\`), and \`last-known-good\` where it is not configured. A process of one role starts with at most 210 series at 16
partitions, beside 23 for each ERP of its own.

| metric | kind | labels | role | meaning |
|---|---|---|---|---|
${entries.map(row).join('\n')}

Label values, where they are a closed list:

${entries.flatMap(labelValues).join('\n')}

\`type\` of \`pullgate_events_total\` is an [event type](events.md), \`unknown\` (not one of ours) or \`none\` (a tombstone, or a
moved record that was there already).

Histogram buckets (upper bounds):

${entries.flatMap(buckets).join('\n')}

This page is written from \`src/metrics/table.ts\`; \`npx vitest run test/unit/metrics --update\` writes it anew.
`
}
