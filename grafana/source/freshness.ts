import { backlog } from './backlog.ts'
import type { Dashboard } from './dashboard.ts'
import { increase, rate } from './expressions.ts'
import type { Panel, Query } from './panel.ts'
import { goodAtZero, projectors, publishers } from './projectors.ts'

const visible = (q: number): Query => ({
  expr: `histogram_quantile(${q}, sum by (le) (pullgate:event_visible_bucket:rate5m))`,
  legend: `p${q * 100}`,
})
const fresh = 'pullgate:partition_fresh_age:min{partition=~"$partition"}'

const stat = (title: string, help: string, expr: string, alerts: readonly string[]): Panel => ({
  title,
  help,
  kind: 'stat',
  unit: 'none',
  width: 4,
  height: 4,
  queries: [{ expr, legend: title }],
  thresholds: goodAtZero,
  alerts,
})

export const freshness: Dashboard = {
  uid: 'pullgate-freshness',
  title: 'Pullgate: freshness and the log',
  description: 'Is what is published in the answers, how soon, and what stands in the way?',
  variables: [
    { kind: 'labels', name: 'partition', label: 'Partition', metric: 'pullgate_partition_lag' },
    { kind: 'choice', name: 'top', label: 'Top', values: ['10', '20', '50'] },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        stat(
          'Broken partitions',
          'The log does not go on where the projection stopped: rebuild.',
          'count(pullgate:log_broken:max == 1) or vector(0)',
          ['PullgateLogBroken'],
        ),
        stat(
          'Partitions not fresh',
          'No projector has proven them fresh within the last five seconds.',
          'sum(pullgate:slo_bad:sum{slo="freshness"})',
          ['PullgatePartitionStale', 'PullgateProjectorDown'],
        ),
        stat('Suspect students', 'Not answered by the projection until they heal.', 'sum(pullgate_students_suspect)', [
          'PullgateSuspectsNotHealing',
        ]),
        stat('Open dead letters', 'Not settled yet.', 'sum(pullgate_dead_letters_open)', [
          'PullgateDeadLettersGrowing',
        ]),
        stat(
          'Silent publishers',
          'Their last heartbeat is older than the configuration allows.',
          'count(min by (source) (pullgate_publisher_heartbeat_age_seconds) > max by (source) (pullgate_publisher_heartbeat_limit_seconds)) or vector(0)',
          ['PullgatePublisherSilent'],
        ),
        stat(
          'Rewinds in 24 hours',
          'Redis had lost acknowledged writes.',
          'sum(increase(pullgate_store_rewinds_total[1d]))',
          ['PullgateStoreRewound'],
        ),
      ],
    },
    {
      title: 'From the log to the answers',
      panels: [
        {
          title: 'Events become visible after',
          help: 'From an event’s time in the log to its being in the answers. A catch-up after an outage, or a rebuild, shows at the top.',
          kind: 'heatmap',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'sum by (le) (pullgate:event_visible_bucket:rate5m)', legend: '{{le}}' }],
        },
        {
          title: 'Events become visible after, by quantile',
          help: 'Tens of milliseconds are usual.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [visible(0.5), visible(0.99), visible(0.999)],
          alerts: ['PullgateFreshnessBurn'],
        },
        {
          title: 'Seconds since a partition was proven fresh',
          help: 'The lag in seconds. A partition that no projector has is not here but in the panel beside.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: [{ expr: `${fresh} < Inf`, legend: '{{partition}}' }],
          thresholds: [
            [null, 'transparent'],
            [5, 'orange'],
            [60, 'red'],
          ],
          alerts: ['PullgatePartitionStale', 'PullgateFreshnessBurn'],
        },
        {
          title: 'Partitions that are fresh',
          help: 'Proven within the last five seconds.',
          kind: 'state-timeline',
          unit: 'none',
          width: 8,
          queries: [{ expr: `${fresh} <= bool 5`, legend: '{{partition}}' }],
          words: { '0': ['not fresh', 'red'], '1': ['fresh', 'green'] },
          alerts: ['PullgatePartitionStale'],
        },
        {
          title: 'Lag in records',
          help: 'Offsets between the end of a partition and what is applied of it.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'pullgate:partition_lag:max{partition=~"$partition"}', legend: '{{partition}}' }],
          alerts: ['PullgateFreshnessBurn'],
        },
      ],
    },
    {
      title: 'Events',
      panels: [
        {
          title: 'Events by outcome',
          help: 'Mostly applied. One that is held and applies later is in both.',
          kind: 'timeseries',
          unit: 'eps',
          width: 8,
          stacked: true,
          queries: [{ expr: 'sum by (outcome) (pullgate:events:rate5m)', legend: '{{outcome}}' }],
          alerts: ['PullgateDeadLettersGrowing'],
        },
        {
          title: 'Events by type',
          help: 'The most frequent types.',
          kind: 'timeseries',
          unit: 'eps',
          width: 8,
          queries: [{ expr: 'topk($top, sum by (type) (pullgate:events:rate5m))', legend: '{{type}}' }],
        },
        {
          title: 'Events over HTTP',
          help: 'Published on the partner’s port; requests by status, and events.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: [
            { expr: `sum by (code) (${rate('pullgate_ingest_requests_total')})`, legend: 'requests, {{code}}' },
            { expr: `sum(${rate('pullgate_ingest_events_total')})`, legend: 'events' },
          ],
          alerts: ['PullgateLogUnreachable'],
        },
        {
          title: 'Suspect students and what waits',
          help: 'Held events wait for a missing number, orphans for their enrolment.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          queries: [
            { expr: 'sum(pullgate_students_suspect)', legend: 'suspect students' },
            { expr: 'sum by (kind) (pullgate_events_waiting)', legend: 'waiting: {{kind}}' },
            { expr: 'sum(pullgate_dead_letters_open)', legend: 'open dead letters' },
          ],
          alerts: ['PullgateSuspectsNotHealing'],
        },
        {
          title: 'Dead letters by reason',
          help: 'New ones per interval.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          stacked: true,
          queries: [{ expr: `sum by (reason) (${increase('pullgate_dead_letters_total')})`, legend: '{{reason}}' }],
          alerts: ['PullgateDeadLettersGrowing'],
        },
        {
          title: 'Dead letters in all, in 24 hours',
          help: 'By publisher; publishers that the configuration does not name are other.',
          kind: 'bargauge',
          unit: 'none',
          width: 8,
          min: 0,
          queries: [
            {
              expr: 'topk(10, sum by (source) (increase(pullgate_dead_letters_by_source_total[1d])))',
              legend: '{{source}}',
            },
          ],
          thresholds: goodAtZero,
          alerts: ['PullgateDeadLettersGrowing'],
        },
      ],
    },
    backlog,
    publishers,
    projectors,
  ],
}
