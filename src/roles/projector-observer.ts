import type { ProjectorObserver } from '../../consumers/projector/observer.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'

/**
 * The projector's work as metrics and log lines.
 *
 * @param sources the publishers that the configuration names: dead letters of others share one series
 * @param now milliseconds, monotonic
 */
export const projectorObserver = (
  metrics: Metrics,
  log: Logger,
  sources: readonly string[],
  now: () => number,
): ProjectorObserver => {
  const named = new Set(sources)
  const visible = metrics.observer('pullgate_event_visible_seconds')
  const suspects = new Map<number, number>()
  const provenAt = new Map<number, number>()
  const label = (partition: number) => ({ partition: String(partition) })
  const labelOf = (source: string | null): string =>
    source === null ? 'unknown' : named.has(source) ? source : 'other'

  // Ages grow between the proofs, above all when no proof arrives: they are computed at the scrape.
  metrics.onScrape(() => {
    for (const [partition, at] of provenAt)
      metrics.set('pullgate_partition_fresh_age_seconds', label(partition), Math.max(0, now() - at) / 1000)
    const sum = [...suspects.values()].reduce((total, count) => total + count, 0)
    metrics.set('pullgate_students_suspect', {}, sum)
  })

  return {
    events: (type, outcome, count) => metrics.add('pullgate_events_total', { type, outcome }, count),
    visible,
    deadLetter: ({ reason, detail, place: { partition, offset }, source, traceparent }) => {
      metrics.add('pullgate_dead_letters_total', { reason })
      metrics.add('pullgate_dead_letters_by_source_total', { source: labelOf(source) })
      const origin = { ...(source !== null && { source }), ...(traceparent !== null && { traceparent }) }
      log.warn({ reason, detail, partition, offset, ...origin }, 'dead letter')
    },
    answerSuperseded: (change) => metrics.add('pullgate_answers_superseded_total', { change }),
    misrouted: (source) => metrics.add('pullgate_misrouted_total', { source: source ?? 'unknown' }),
    rewound: (partition, to) => {
      metrics.add('pullgate_store_rewinds_total')
      log.error({ partition, to }, 'the store had lost acknowledged writes; reading the log again from there')
    },
    fenced: (partition) => {
      metrics.add('pullgate_fenced_writes_total')
      log.warn({ partition }, 'a write was refused: another projector has written')
    },
    lag: (partition, records) => metrics.set('pullgate_partition_lag', label(partition), records),
    fresh: (partition, ageMs) => {
      provenAt.set(partition, now() - ageMs)
    },
    suspects: (partition, count) => {
      suspects.set(partition, count)
    },
    logBroken: (partition, why) => {
      metrics.set('pullgate_log_broken', label(partition), why === null ? 0 : 1)
      if (why !== null)
        log.error({ partition, why }, 'the log of a partition is broken: nothing of it is applied or proven')
    },
    failed: (what, err) => log.warn({ what, err }, 'will be tried again'),
    revoked: (partition) => {
      suspects.delete(partition)
      provenAt.delete(partition)
      // Its next projector tells about it from now on.
      metrics.set('pullgate_partition_lag', label(partition), 0)
      metrics.set('pullgate_partition_fresh_age_seconds', label(partition), Number.POSITIVE_INFINITY)
      metrics.set('pullgate_log_broken', label(partition), 0)
    },
  }
}
