import { globSync, readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import { parse } from 'yaml'
import { eventData, HEARTBEAT, RESOLVED } from '../../projections/events/event.ts'
import type { MetricSpec } from '../../src/metrics/spec.ts'
import { table } from '../../src/metrics/table.ts'

/** What a query of Prometheus asks for, by Prometheus's own grammar. */
type Selector = { readonly metric: string; readonly matchers: readonly Matcher[] }
type Matcher = { readonly label: string; readonly op: string; readonly value: string }
type Asked = { readonly selectors: readonly Selector[]; readonly grouped: readonly string[] }

export type Rule = {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

const root = new URL('../../', import.meta.url)

export const rules: readonly Rule[] = globSync('deploy/prometheus/rules/*.yml', { cwd: root.pathname }).flatMap(
  (file) =>
    (parse(readFileSync(new URL(file, root), 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
      (group) => group.rules,
    ),
)

/** Grafana's own variables become values that the grammar knows; those inside a string stay. */
export const withoutVariables = (expr: string): string =>
  expr
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__range', '1h')
    .replaceAll('$top', '10')
    .replaceAll(/"\$\w+"/g, '".*"')

export const asked = (expr: string): Asked => {
  const selectors: { metric: string; matchers: Matcher[] }[] = []
  const grouped: string[] = []
  let [matcher, where]: [{ label: string; op: string } | null, 'matcher' | 'grouping' | null] = [null, null]
  parser.parse(expr).iterate({
    enter: ({ name, from, to, type }) => {
      const text = expr.slice(from, to)
      if (type.isError) throw new SyntaxError(`not PromQL at ${from}: ${expr}`)
      if (name === 'VectorSelector') selectors.push({ metric: '', matchers: [] })
      if (name === 'Identifier') selectors.at(-1)!.metric = text
      if (name === 'GroupingLabels') where = 'grouping'
      if (name === 'UnquotedLabelMatcher') where = 'matcher'
      if (name === 'LabelName' && where === 'grouping') grouped.push(text)
      if (name === 'LabelName' && where === 'matcher') matcher = { label: text, op: '' }
      if (name === 'MatchOp' && matcher) matcher.op = text
      if (name === 'StringLiteral' && matcher) {
        selectors.at(-1)!.matchers.push({ ...matcher, value: JSON.parse(text) as string })
        matcher = null
      }
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels' || name === 'UnquotedLabelMatcher') where = null
    },
  })
  return { selectors, grouped }
}

type Known = { readonly labels: readonly string[]; readonly values: Readonly<Record<string, readonly string[]>> }

const ofTarget = ['instance', 'job']
const types = [...Object.keys(eventData), HEARTBEAT, RESOLVED, 'none', 'unknown']
const specs: Readonly<Record<string, MetricSpec>> = table

const knownMetric = (name: string): Known | null => {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  const histogram = specs[base]?.kind === 'histogram' ? specs[base] : undefined
  const spec = histogram ?? specs[name]
  if (!spec || (histogram && base === name)) return null
  const le = name.endsWith('_bucket') && histogram ? (histogram.buckets ?? []).map(String) : null
  return {
    labels: [...spec.labels, ...ofTarget, ...(le ? ['le'] : [])],
    values: {
      ...spec.values,
      ...(spec.labels.includes('type') && !spec.values?.['type'] && { type: types }),
      ...(le && { le: [...le, '+Inf'] }),
    },
  }
}

/** What a recording rule makes has the labels that its expression keeps and those that the rule sets. */
const recorded = (name: string): Known | null => {
  const made = rules.filter(({ record }) => record === name)
  if (made.length === 0) return null
  const fixed = made.flatMap(({ labels = {} }) => Object.entries(labels))
  const sources = made.flatMap(({ expr }) => asked(expr).selectors.filter(({ metric }) => metric.includes(':')))
  const inherited = sources.flatMap(({ metric }) => (metric === name ? [] : (known(metric)?.labels ?? [])))
  const kept = made.flatMap(({ expr }) => asked(expr).grouped)
  return {
    labels: [...new Set([...fixed.map(([label]) => label), ...inherited, ...kept])],
    values: {
      ...Object.fromEntries(fixed.map(([label]) => [label, fixed.filter(([l]) => l === label).map(([, v]) => v)])),
    },
  }
}

const known = (metric: string): Known | null => {
  if (metric === 'up') return { labels: ofTarget, values: {} }
  return metric.includes(':') ? recorded(metric) : knownMetric(metric)
}

const matches = ({ op, value }: Matcher, candidate: string): boolean => {
  const regex = new RegExp(`^(?:${value})$`)
  if (op === '=') return candidate === value
  if (op === '!=') return candidate !== value
  return op === '=~' ? regex.test(candidate) : !regex.test(candidate)
}

/** Why a query could only ever say "no data": each name, label and label value that the program does not have. */
export const problemsOf = (expr: string): readonly string[] => {
  const { selectors, grouped } = asked(withoutVariables(expr))
  const problems: string[] = []
  const labels = new Set<string>()
  for (const { metric, matchers } of selectors) {
    const is = known(metric)
    if (is === null) {
      problems.push(`no metric ${metric}`)
      continue
    }
    for (const label of is.labels) labels.add(label)
    for (const matcher of matchers) {
      const { label, op, value } = matcher
      if (!is.labels.includes(label)) problems.push(`${metric} has no label ${label}`)
      const values = is.values[label]
      if (values && !values.some((candidate) => matches(matcher, candidate)))
        problems.push(`${metric} never has ${label}${op}"${value}"`)
    }
  }
  if (selectors.length === 0) problems.push('no metric is asked for')
  for (const label of grouped) if (!labels.has(label)) problems.push(`nothing asked for has the label ${label}`)
  return problems
}
