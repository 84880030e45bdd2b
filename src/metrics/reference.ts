import { type MetricSpec, table } from './table.ts'

const row = ([name, spec]: readonly [string, MetricSpec]): string => {
  const labels = spec.labels.map((label) => `\`${label}\``).join(', ') || '–'
  return `| \`${name}\` | ${spec.kind} | ${labels} | ${spec.roles.join(', ')} | ${spec.help} |`
}

const buckets = ([name, spec]: readonly [string, MetricSpec]): string[] =>
  spec.buckets === undefined ? [] : [`- \`${name}\`: ${spec.buckets.join(', ')}`]

/** docs/metrics.md, whole. */
export const metricsReference = (): string => {
  const entries = Object.entries(table) as [string, MetricSpec][]
  return `# Metrics

Served as Prometheus text at \`/metrics\` on \`METRICS_PORT\` (9090), beside \`/livez\` and \`/readyz\`. Units are base units.
Labels hold no student's identifier, no name and no URL: an ERP is \`group\` or \`branch-<position in the configuration>\`.
Each role shows its series from the start, at 0 unless said otherwise. Beyond 500 different event sources the rest are
counted under \`source="other"\`.

| metric | kind | labels | role | meaning |
|---|---|---|---|---|
${entries.map(row).join('\n')}

Histogram buckets (upper bounds):

${entries.flatMap(buckets).join('\n')}

This page is written from \`src/metrics/table.ts\`; \`npx vitest run test/unit/metrics --update\` writes it anew.
`
}
