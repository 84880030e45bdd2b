import { erpRequestOutcomes } from '../erp/port.ts'
import { ANSWER_SOURCES, FALLBACK_REASONS } from '../pull/reasons.ts'
import { cross, each, gateway, type MetricSpec, one } from './spec.ts'

const answered = ['200', '422']
const failed = ['400', '401', '403', '406', '429', '500', '502', '503']
/** Failures that an error budget counts exist from the start; another code appears with its first refusal. */
const burning = ['500', '502', '503']
const refusals = ['unauthorized', 'login_throttled', 'login_busy', 'rate_limited', 'overload']

/**
 * Fine around a projection hit (about a millisecond), `freshness.wait_ms` (250 ms) and the objective of 300 ms; coarse
 * around an ERP's latency and the partner's timeout.
 */
const pullBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.3, 0.4, 0.5, 1, 2.5, 5, 12.5]
const waitBuckets = [0.0025, 0.01, 0.05, 0.25, 1]
/**
 * There may be hundreds of ERPs: few buckets, and none for calls that failed. An answer that takes longer than
 * `timeout_ms` (4 s by default) does not exist, so a bucket above it would equal +Inf.
 */
const erpBuckets = [0.1, 0.25, 0.5, 1, 2.5]

/** The gateway's metrics. */
export const gatewayTable = {
  pullgate_pull_duration_seconds: {
    kind: 'histogram',
    roles: gateway,
    help: 'Time from the arrival of a pull to its answer, by source (projection, erp, last-known-good, none) and HTTP status.',
    labels: ['source', 'code'],
    values: { source: ['projection', 'erp', 'last-known-good', 'none'], code: [...answered, ...failed] },
    buckets: pullBuckets,
    initial: ({ lastKnownGood }) => [
      ...cross(
        'source',
        ANSWER_SOURCES.filter((source) => lastKnownGood || source !== 'last-known-good'),
        'code',
        answered,
      ),
      ...cross('source', ['none'], 'code', burning),
    ],
  },
  pullgate_pull_fallback_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Pulls that the projection alone could not answer, by the first reason.',
    labels: ['reason'],
    values: { reason: FALLBACK_REASONS },
    initial: () => each('reason', FALLBACK_REASONS),
  },
  pullgate_pull_ahead_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Pulls that the projection answered although their partition was behind: no event of the student waited there.',
    labels: [],
    initial: one,
  },
  pullgate_pull_refused_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Pulls refused before any lookup: bad credentials, too many failed log-ins, over the rate limit, or overload.',
    labels: ['reason'],
    values: { reason: refusals },
    initial: () => each('reason', refusals),
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
    help: 'Time that pulls waited for the projection to reach the end of the log.',
    labels: [],
    buckets: waitBuckets,
    initial: one,
  },
  pullgate_erp_request_duration_seconds: {
    kind: 'histogram',
    roles: gateway,
    help: 'HTTP requests to an ERP, retries included, by outcome.',
    labels: ['erp', 'outcome'],
    values: { outcome: erpRequestOutcomes },
    buckets: erpBuckets,
    bucketsOf: { outcome: 'answer' },
    initial: (d) => cross('erp', d.erps, 'outcome', erpRequestOutcomes),
  },
  pullgate_erp_breaker_state: {
    kind: 'gauge',
    roles: gateway,
    help: 'Circuit breaker of an ERP: 0 closed, 1 half-open, 2 open.',
    labels: ['erp'],
    initial: (d) => each('erp', d.erps),
  },
  pullgate_erp_probe_failed: {
    kind: 'gauge',
    roles: gateway,
    help: 'Whether the last probe of an ERP failed: 1 = the ERP would not answer a pull. 0 until the first probe.',
    labels: ['erp'],
    initial: (d) => each('erp', d.probedErps ?? d.erps),
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
  pullgate_publisher_heartbeat_limit_seconds: {
    kind: 'gauge',
    roles: gateway,
    help: 'Configured age after which a watched source counts as silent.',
    labels: ['source'],
    initial: (d) => each('source', d.heartbeatSources),
  },
  pullgate_answers_recorded_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Answers that were written to the topic of answers.',
    labels: [],
    initial: one,
  },
  pullgate_answers_lost_total: {
    kind: 'counter',
    roles: gateway,
    help: 'Answers that were sent but could not be recorded.',
    labels: [],
    initial: one,
  },
  pullgate_config_last_reload_successful: {
    kind: 'gauge',
    roles: gateway,
    help: 'Whether the configuration file was valid when it was last read: 0 = refused, the former configuration stays active.',
    labels: [],
    initial: one,
    start: 1,
  },
  pullgate_config_last_reload_success_timestamp_seconds: {
    kind: 'gauge',
    roles: gateway,
    help: 'When the active configuration was read, in Unix time.',
    labels: [],
    initial: one,
  },
} as const satisfies Record<string, MetricSpec>
