import { both, each, type MetricSpec, none, one } from './spec.ts'

const requestBuckets = [0.001, 0.005, 0.025, 0.1, 0.3]
const statistics = ['p99', 'max']
const collections = ['minor', 'major']
const operations = ['end_offsets', 'append']

/** Metrics of every role about its process and connections. */
export const processTable = {
  pullgate_build_info: {
    kind: 'gauge',
    roles: both,
    help: 'Always 1; the version is in the label.',
    labels: ['version', 'node'],
    initial: (d) => [{ version: d.version, node: process.versions.node }],
    start: 1,
  },
  pullgate_store_request_seconds: {
    kind: 'histogram',
    roles: both,
    help: 'Requests to the projection store: look-ups by the gateway, batches written by the projector.',
    labels: [],
    buckets: requestBuckets,
    initial: one,
  },
  pullgate_store_failures_total: {
    kind: 'counter',
    roles: both,
    help: 'Requests that the projection store did not answer in time, or at all.',
    labels: [],
    initial: one,
  },
  pullgate_store_up: {
    kind: 'gauge',
    roles: both,
    help: 'Whether the last request to the projection store was answered.',
    labels: [],
    initial: one,
  },
  pullgate_log_request_seconds: {
    kind: 'histogram',
    roles: both,
    help: 'Look-ups of the end of the log.',
    labels: [],
    buckets: requestBuckets,
    initial: one,
  },
  pullgate_log_failures_total: {
    kind: 'counter',
    roles: both,
    help: 'Requests that the log did not answer in time, or at all, by operation.',
    labels: ['operation'],
    values: { operation: operations },
    initial: () => each('operation', operations),
  },
  pullgate_log_up: {
    kind: 'gauge',
    roles: both,
    help: 'Whether the last request to the log was answered.',
    labels: [],
    initial: one,
  },
  pullgate_certificate_expiry_timestamp_seconds: {
    kind: 'gauge',
    roles: both,
    help: 'When a certificate of the configuration ends, in Unix time; only those that are configured.',
    labels: ['certificate'],
    values: { certificate: ['kafka_client', 'kafka_ca'] },
    initial: none,
  },
  pullgate_clock_skew_seconds: {
    kind: 'gauge',
    roles: both,
    help: 'How far the clock of this process is ahead of the clock of the log or the store, at least; negative: behind.',
    labels: ['against'],
    values: { against: ['log', 'store'] },
    // A server that does not tell its clock has no series.
    initial: none,
  },
  pullgate_process_cpu_seconds_total: {
    kind: 'counter',
    roles: both,
    help: 'CPU time of this process, user and system.',
    labels: [],
    initial: one,
  },
  pullgate_process_resident_memory_bytes: {
    kind: 'gauge',
    roles: both,
    help: 'Resident memory of this process.',
    labels: [],
    initial: one,
  },
  pullgate_process_start_time_seconds: {
    kind: 'gauge',
    roles: both,
    help: 'When this process started, in Unix time.',
    labels: [],
    initial: one,
  },
  pullgate_heap_used_bytes: {
    kind: 'gauge',
    roles: both,
    help: 'JavaScript heap in use.',
    labels: [],
    initial: one,
  },
  pullgate_event_loop_delay_seconds: {
    kind: 'gauge',
    roles: both,
    help: 'Delay of the event loop since the last scrape, by statistic.',
    labels: ['statistic'],
    values: { statistic: statistics },
    initial: () => each('statistic', statistics),
  },
  pullgate_gc_pause_seconds_total: {
    kind: 'counter',
    roles: both,
    help: 'Time spent in garbage collection, by kind.',
    labels: ['type'],
    values: { type: collections },
    initial: () => each('type', collections),
  },
} as const satisfies Record<string, MetricSpec>
