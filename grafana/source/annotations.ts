import { DATASOURCE } from './panel.ts'

/** What happened at a moment or for a time, drawn over every panel. Values one scrape apart become one region. */
export type Annotation = {
  readonly name: string
  readonly expr: string
  readonly color: string
  /** Label values in double braces. */
  readonly title: string
}

/** Longer than a scrape's interval and a point's, so that no moment falls between two points. */
const MOMENT_SECONDS = 60
const RECENT = `< ${MOMENT_SECONDS}`
const reloadedAt = 'max by (instance) (pullgate_config_last_reload_success_timestamp_seconds)'
const startedAt = 'max by (instance) (pullgate_process_start_time_seconds)'

export const annotations: readonly Annotation[] = [
  { name: 'Starts', expr: `time() - ${startedAt} ${RECENT}`, color: 'blue', title: '{{instance}} has started' },
  {
    name: 'Reloads',
    // A start reads the configuration too.
    expr: `time() - ${reloadedAt} ${RECENT} and on (instance) ${reloadedAt} - ${startedAt} > 10`,
    color: 'purple',
    title: '{{instance}} has read its configuration again',
  },
  {
    name: 'Breaker openings',
    expr: 'max by (erp) (pullgate_erp_breaker_state) == 2 unless max by (erp) (pullgate_erp_breaker_state offset 1m) == 2',
    color: 'red',
    title: 'The breaker of {{erp}} has opened',
  },
  { name: 'Rebuilds', expr: 'max(pullgate_generation_building) > 0', color: 'orange', title: 'A rebuild is under way' },
  {
    name: 'Switches',
    expr: 'max(pullgate_generation_active) != (max(pullgate_generation_active offset 1m) > 0)',
    color: 'green',
    title: 'Pulls read another generation',
  },
]

export const annotationJson = ({ name, expr, color, title }: Annotation): object => ({
  name,
  datasource: DATASOURCE,
  enable: true,
  iconColor: color,
  expr,
  step: '30s',
  titleFormat: title,
  useValueForTime: false,
})
