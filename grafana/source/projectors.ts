import type { Row } from './dashboard.ts'
import { increase, rate } from './expressions.ts'
import type { Threshold } from './panel.ts'

export const goodAtZero: readonly Threshold[] = [
  [null, 'green'],
  [1, 'red'],
]

/** Who publishes, and whether it still does. */
export const publishers: Row = {
  title: 'Publishers',
  panels: [
    {
      title: 'Age of heartbeats, oldest first',
      help: 'Of the watched sources, as a share of what is allowed: at 1 the branch is stale.',
      kind: 'bargauge',
      unit: 'percentunit',
      width: 6,
      min: 0,
      max: 1,
      queries: [
        {
          expr: 'topk($top, clamp_max(min by (source) (pullgate_publisher_heartbeat_age_seconds) / max by (source) (pullgate_publisher_heartbeat_limit_seconds), 10))',
          legend: '{{source}}',
        },
      ],
      thresholds: [
        [null, 'green'],
        [0.5, 'orange'],
        [1, 'red'],
      ],
      alerts: ['PullgatePublisherSilent'],
    },
    {
      title: 'Age of heartbeats over time',
      help: 'A sawtooth is healthy, a ramp is a silent publisher.',
      kind: 'timeseries',
      unit: 's',
      width: 6,
      queries: [
        {
          expr: 'topk($top, min by (source) (pullgate_publisher_heartbeat_age_seconds) < Inf)',
          legend: '{{source}}',
        },
      ],
      alerts: ['PullgatePublisherSilent'],
    },
    {
      title: 'Misrouted events by source',
      help: 'Written to a partition where the student does not belong; moved and applied there.',
      kind: 'timeseries',
      unit: 'none',
      width: 6,
      queries: [
        { expr: `topk($top, sum by (source) (${increase('pullgate_misrouted_total')}))`, legend: '{{source}}' },
      ],
      alerts: ['PullgatePublisherMisrouting'],
    },
    {
      title: 'Publishing over HTTP, mean time',
      help: 'From a request’s arrival to Kafka’s acknowledgement of its last event.',
      kind: 'timeseries',
      unit: 's',
      width: 6,
      queries: [
        {
          expr: `sum(${rate('pullgate_ingest_seconds_total')}) / sum(${rate('pullgate_ingest_requests_total{code="200"}')})`,
          legend: 'mean',
        },
      ],
      alerts: ['PullgateLogUnreachable'],
    },
  ],
}

/** What stands between the log and the answers. */
export const projectors: Row = {
  title: 'Projectors, Redis, Kafka',
  panels: [
    {
      title: 'Rewinds and fenced writes',
      help: 'Redis went back in time; another projector had written. A few fenced writes come with a hand-over.',
      kind: 'timeseries',
      unit: 'none',
      width: 8,
      queries: [
        { expr: `sum(${increase('pullgate_store_rewinds_total')})`, legend: 'rewinds' },
        { expr: `sum(${increase('pullgate_fenced_writes_total')})`, legend: 'fenced writes' },
      ],
      alerts: ['PullgateStoreRewound', 'PullgateWritesFenced'],
    },
    {
      title: 'The log goes on where the projection stopped',
      help: 'Per partition; broken = recreated, truncated, or gone before it was applied.',
      kind: 'state-timeline',
      unit: 'none',
      width: 8,
      queries: [{ expr: 'pullgate:log_broken:max{partition=~"$partition"}', legend: '{{partition}}' }],
      words: { '0': ['goes on', 'green'], '1': ['broken', 'red'] },
      alerts: ['PullgateLogBroken'],
    },
    {
      title: 'Failures of Redis and Kafka',
      help: 'Requests that were not answered in time, or at all.',
      kind: 'timeseries',
      unit: 'ops',
      width: 8,
      queries: [
        { expr: `sum by (instance) (${rate('pullgate_store_failures_total')})`, legend: 'store, {{instance}}' },
        {
          expr: `sum by (instance, operation) (${rate('pullgate_log_failures_total')})`,
          legend: 'log {{operation}}, {{instance}}',
        },
      ],
      alerts: ['PullgateStoreUnreachable', 'PullgateLogUnreachable'],
    },
    {
      title: 'Store and log answer',
      help: 'Whether the last request of each process was answered.',
      kind: 'state-timeline',
      unit: 'none',
      width: 8,
      queries: [
        { expr: 'min by (instance) (pullgate_store_up)', legend: 'store, {{instance}}' },
        { expr: 'min by (instance) (pullgate_log_up)', legend: 'log, {{instance}}' },
      ],
      words: { '0': ['no', 'red'], '1': ['yes', 'green'] },
      alerts: ['PullgateStoreUnreachable', 'PullgateLogUnreachable'],
    },
    {
      title: 'Last sign of life of the consumers',
      help: 'Below a second while the log has something or not; a projector that is silent for long is replaced in its group.',
      kind: 'timeseries',
      unit: 's',
      width: 8,
      queries: [{ expr: 'max by (instance) (pullgate_log_consumer_silent_seconds)', legend: '{{instance}}' }],
      alerts: ['PullgatePartitionStale'],
    },
    {
      title: 'Clocks',
      help: 'How far the clock of each process is ahead of Kafka’s and Redis’s. Well below a second is normal.',
      kind: 'timeseries',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: 'max by (instance, against) (pullgate_clock_skew_seconds)',
          legend: '{{instance}}, against the {{against}}',
        },
      ],
      alerts: ['PullgateClockSkew'],
    },
  ],
}
