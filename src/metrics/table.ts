/** What the label values of this process are, known at start so that every series is there from the first scrape. */
export type Dimensions = {
  readonly version: string
  readonly partitions: number
  /** Event types that the program knows. */
  readonly eventTypes: readonly string[]
  /** Sources whose heartbeat the configuration watches. */
  readonly heartbeatSources: readonly string[]
  /** `group`, `branch-1`, `branch-2`, …: never a name or a URL. */
  readonly erps: readonly string[]
}

export type Role = 'gateway' | 'projector'
export type Labels = Readonly<Record<string, string>>

export type MetricSpec = {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly roles: readonly Role[]
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds; histograms only. */
  readonly buckets?: readonly number[]
  /** Series that exist from the start, at 0 or at `start`. */
  readonly initial: (dimensions: Dimensions) => readonly Labels[]
  readonly start?: number
}

export const outcomes = ['applied', 'duplicate', 'held', 'orphan', 'conflict', 'poison', 'misrouted', 'ignored']
const fallbackReasons = ['miss', 'stale', 'suspect', 'incoherent', 'ambiguous', 'store_unavailable']
const erpOutcomes = ['answer', 'bad_response', 'timeout', 'status', 'connection', 'open', 'busy']
const letterReasons = ['poison', 'conflict', 'overflow']
const failureCodes = ['400', '401', '403', '405', '406', '429', '500', '502', '503']

const both: readonly Role[] = ['gateway', 'projector']
const gateway: readonly Role[] = ['gateway']
const projector: readonly Role[] = ['projector']

const one = (): readonly Labels[] => [{}]
const cross = (a: string, as: readonly string[], b: string, bs: readonly string[]): readonly Labels[] =>
  as.flatMap((x) => bs.map((y) => ({ [a]: x, [b]: y })))
const each = (name: string, values: readonly string[]): readonly Labels[] => values.map((value) => ({ [name]: value }))
const perPartition = (d: Dimensions) =>
  each(
    'partition',
    Array.from({ length: d.partitions }, (_, i) => String(i)),
  )

/** Fine where a projection hit lies (about a millisecond), coarse where an ERP and the partner's patience lie. */
const pullBuckets = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 12.5, 15]
const waitBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
const visibleBuckets = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1_800]
const erpBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]

/** Every metric of the program. docs/metrics.md is written from this table and held to it by a test. */
export const table = {
  pullgate_build_info: {
    kind: 'gauge',
    roles: both,
    help: 'Always 1; the version is in the label.',
    labels: ['version', 'node'],
    initial: (d) => [{ version: d.version, node: process.versions.node }],
    start: 1,
  },
  pullgate_pull_duration_seconds: {
    kind: 'histogram',
    roles: gateway,
    help: 'Pulls by what answered (projection, erp, last-known-good, none) and HTTP status: arrival to answer.',
    labels: ['source', 'code'],
    buckets: pullBuckets,
    initial: () => [
      ...cross('source', ['projection', 'erp', 'last-known-good'], 'code', ['200', '422']),
      ...cross('source', ['none'], 'code', failureCodes),
    ],
  },
  pullgate_pull_fallback_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Pulls that the projection did not plainly answer, by the first reason.',
    labels: ['reason'],
    initial: () => each('reason', fallbackReasons),
  },
  pullgate_pulls_in_progress: {
    kind: 'gauge',
    roles: gateway,
    help: 'Pulls that have arrived and are not answered yet.',
    labels: [],
    initial: one,
  },
  pullgate_freshness_wait_seconds: {
    kind: 'histogram',
    roles: gateway,
    help: 'How long pulls waited for the projection to reach the end of the log.',
    labels: [],
    buckets: waitBuckets,
    initial: one,
  },
  pullgate_erp_request_duration_seconds: {
    kind: 'histogram',
    roles: gateway,
    help: 'Calls of an ERP by outcome; open and busy were turned away before they were sent.',
    labels: ['erp', 'outcome'],
    buckets: erpBuckets,
    initial: (d) => cross('erp', d.erps, 'outcome', erpOutcomes),
  },
  pullgate_erp_breaker_state: {
    kind: 'gauge',
    roles: gateway,
    help: 'Circuit breaker of an ERP: 0 closed, 1 half-open, 2 open.',
    labels: ['erp'],
    initial: (d) => each('erp', d.erps),
  },
  pullgate_erp_in_flight: {
    kind: 'gauge',
    roles: gateway,
    help: 'Calls of an ERP that are not settled yet.',
    labels: ['erp'],
    initial: (d) => each('erp', d.erps),
  },
  pullgate_publisher_heartbeat_age_seconds: {
    kind: 'gauge',
    roles: gateway,
    help: 'Age of the youngest heartbeat of a watched source; +Inf when none was ever seen.',
    labels: ['source'],
    initial: (d) => each('source', d.heartbeatSources),
    start: Number.POSITIVE_INFINITY,
  },
  pullgate_events_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events by type and outcome; one that is held and applies later counts as both.',
    labels: ['type', 'outcome'],
    initial: (d) => cross('type', [...d.eventTypes, 'none', 'unknown'], 'outcome', outcomes),
  },
  pullgate_event_visible_seconds: {
    kind: 'histogram',
    roles: projector,
    help: 'From the time of an event in the log to its being visible in the projection.',
    labels: [],
    buckets: visibleBuckets,
    initial: one,
  },
  pullgate_partition_lag: {
    kind: 'gauge',
    roles: projector,
    help: 'Offsets between the end of a partition and what is applied of it.',
    labels: ['partition'],
    initial: perPartition,
  },
  pullgate_partition_fresh_age_seconds: {
    kind: 'gauge',
    roles: projector,
    help: 'Time since a partition was last proven to hold every acknowledged event; +Inf before the first proof.',
    labels: ['partition'],
    initial: perPartition,
    start: Number.POSITIVE_INFINITY,
  },
  pullgate_students_suspect: {
    kind: 'gauge',
    roles: projector,
    help: 'Students that the projection does not answer for until they heal.',
    labels: [],
    initial: one,
  },
  pullgate_dead_letters_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events written to the dead-letter topic, by reason.',
    labels: ['reason'],
    initial: () => each('reason', letterReasons),
  },
  pullgate_misrouted_total: {
    kind: 'counter',
    roles: projector,
    help: 'Events that their source wrote to a partition where their student does not belong.',
    labels: ['source'],
    initial: (d) => each('source', d.heartbeatSources),
  },
  pullgate_store_rewinds_total: {
    kind: 'counter',
    roles: projector,
    help: 'Times the store had lost acknowledged writes and the log was read again from there.',
    labels: [],
    initial: one,
  },
  pullgate_fenced_writes_total: {
    kind: 'counter',
    roles: projector,
    help: 'Writes that the store refused because another projector had written.',
    labels: [],
    initial: one,
  },
  pullgate_log_broken: {
    kind: 'gauge',
    roles: both,
    help: 'Whether the log does not go on where the projection of a partition stopped: 1 = rebuild it.',
    labels: ['partition'],
    initial: perPartition,
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
    initial: () => each('statistic', ['mean', 'p99', 'max']),
  },
  pullgate_gc_pause_seconds_total: {
    kind: 'counter',
    roles: both,
    help: 'Time spent in garbage collection, by kind.',
    labels: ['type'],
    initial: () => each('type', ['minor', 'major', 'incremental', 'weakcb']),
  },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof table
