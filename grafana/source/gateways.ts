import type { Row } from './dashboard.ts'
import { quantile, rate } from './expressions.ts'

const at = 'instance=~"$instance"'

/** How the processes do that answer pulls. */
export const gateways: Row = {
  title: 'The gateways',
  panels: [
    {
      title: 'Latency distribution, projection',
      help: 'Each column is one interval; the bright band should stay at the bottom. Points are single pulls with their request id.',
      kind: 'heatmap',
      unit: 'short',
      width: 12,
      queries: [
        {
          expr: `sum by (le) (${rate('pullgate_pull_duration_seconds_bucket{source="projection"}')})`,
          legend: '{{le}}',
          exemplars: true,
        },
      ],
    },
    {
      title: 'Wait for freshness',
      help: 'Pulls that had to wait for the projection to reach the end of the log; at most freshness.wait_ms.',
      kind: 'timeseries',
      unit: 's',
      width: 12,
      queries: [0.5, 0.99].map((q) => ({
        expr: quantile(q, `pullgate_freshness_wait_seconds_bucket{${at}}`),
        legend: `p${q * 100}`,
      })),
      alerts: ['PullgatePartitionStale'],
    },
    {
      title: 'p99 of the projection, by gateway',
      help: 'They should be alike; one that is slower has a busy neighbour or a long way to Redis.',
      kind: 'timeseries',
      unit: 's',
      width: 8,
      queries: [{ expr: `pullgate:pull_latency:p99_5m{${at}}`, legend: '{{instance}}' }],
      alerts: ['PullgateEventLoopBlocked'],
    },
    {
      title: 'Pulls in progress',
      help: 'Arrived and not answered yet; at 4,096 a gateway sheds.',
      kind: 'timeseries',
      unit: 'none',
      width: 8,
      queries: [{ expr: `sum by (instance) (pullgate_pulls_in_progress{${at}})`, legend: '{{instance}}' }],
      alerts: ['PullgatePullsShed'],
    },
    {
      title: 'Turned away at the door',
      help: 'Bad credentials, limits, overload.',
      kind: 'timeseries',
      unit: 'reqps',
      width: 8,
      queries: [{ expr: `sum by (reason) (${rate(`pullgate_pull_refused_total{${at}}`)})`, legend: '{{reason}}' }],
      alerts: ['PullgateLoginsRefused', 'PullgatePullsShed'],
    },
    {
      title: 'Event loop delay, p99',
      help: 'Above 0.1 s the process has too much to do.',
      kind: 'timeseries',
      unit: 's',
      width: 8,
      queries: [
        { expr: 'max by (instance) (pullgate_event_loop_delay_seconds{statistic="p99"})', legend: '{{instance}}' },
      ],
      thresholds: [
        [null, 'transparent'],
        [0.1, 'red'],
      ],
      alerts: ['PullgateEventLoopBlocked'],
    },
    {
      title: 'CPU and garbage collection',
      help: 'Seconds a second: a process has one core for its work.',
      kind: 'timeseries',
      unit: 'percentunit',
      width: 8,
      queries: [
        { expr: `sum by (instance) (${rate('pullgate_process_cpu_seconds_total')})`, legend: '{{instance}}' },
        {
          expr: `sum by (instance) (${rate('pullgate_gc_pause_seconds_total')})`,
          legend: '{{instance}} collecting',
        },
      ],
      alerts: ['PullgateEventLoopBlocked'],
    },
    {
      title: 'Memory',
      help: 'Resident memory and the JavaScript heap in use.',
      kind: 'timeseries',
      unit: 'bytes',
      width: 8,
      queries: [
        { expr: 'pullgate_process_resident_memory_bytes', legend: '{{instance}}' },
        { expr: 'pullgate_heap_used_bytes', legend: '{{instance}} heap' },
      ],
    },
    {
      title: 'Redis and Kafka, p99 of a request',
      help: 'Look-ups and writes of the store, look-ups of the log’s end.',
      kind: 'timeseries',
      unit: 's',
      width: 8,
      queries: [
        { expr: quantile(0.99, 'pullgate_store_request_seconds_bucket'), legend: 'store' },
        { expr: quantile(0.99, 'pullgate_log_request_seconds_bucket'), legend: 'log' },
      ],
      alerts: ['PullgateStoreUnreachable', 'PullgateLogUnreachable'],
    },
  ],
}
