import type { Engine } from '../../consumers/ports/engine.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { LiveConfig } from '../config/live.ts'
import type { LoadResult } from '../config/load.ts'
import { erpDirectory } from '../erp/directory.ts'
import { buildServer, type HttpServer } from '../http/server.ts'
import { ingestHandler } from '../ingest/handler.ts'
import type { Logger } from '../logging.ts'
import { dimensionsOf } from '../metrics/dimensions.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import type { FreshnessDeps } from '../pull/check-freshness.ts'
import { endsLookup } from '../pull/ends.ts'
import { keepProving } from '../pull/keep-proving.ts'
import { lastKnownGood } from '../pull/last-known-good.ts'
import { publishers } from '../pull/publishers.ts'
import { pullFrom } from '../pull/pull.ts'
import { tracedPulls } from '../tracing/traced-pulls.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { erpCheck } from './erp-check.ts'
import { gatewayChecks, hasErp } from './gateway-checks.ts'
import { tellHeartbeats } from './heartbeat-ages.ts'
import { logStanding, reportStanding } from './log-standing.ts'
import { probeErps } from './probe-erps.ts'
import type { RunningRole } from './projector.ts'
import { recordAnswers } from './record-answers.ts'
import { watchSettings } from './settings-watch.ts'
import { type StartRefused, watchOwner } from './start-refused.ts'
import { watchClocks } from './watch-clocks.ts'

export type GatewayDeps = {
  readonly engine: Engine
  readonly live: LiveConfig
  /** Reads the configuration file again, on SIGHUP. */
  readonly reread: () => LoadResult
  readonly metrics: Metrics
  readonly log: Logger
  /** `null`: no traces are wanted. */
  readonly tracing: Tracing | null
  /** Milliseconds between two probes of an ERP; absent: a minute. */
  readonly probeEveryMs?: number
  /** Hears that the store is another topic's. */
  readonly onRefused: (refused: StartRefused) => void
}

/** How long a hanging log may hold up a pull: `freshness.wait_ms` within these. */
const ENDS_PATIENCE_MS = { least: 250, most: 1_000 }
const KNOWN_ANSWERS_BYTES = 64 * 1_048_576
const STANDING_MAX_AGE_MS = 500

/** Listens at once; without log and store it answers from the ERPs until they are there. */
export const runGateway = async (deps: GatewayDeps): Promise<RunningRole> => {
  const { engine, live, reread, metrics, log } = deps
  const config = live.current()
  const { topic, policy, timezone, freshness } = config
  const { reader } = engine.store
  const traced = tracedPulls(deps.tracing)
  const erps = erpDirectory(config, {
    log,
    onRequest: (erp, outcome, seconds) =>
      metrics.observer('pullgate_erp_request_duration_seconds', { erp, outcome })(seconds),
  })
  const partitions = Array.from({ length: topic.partitions }, (_, index) => index)
  const signature = signatureOf(policy, timezone, topic.name, topic.partitions)
  const waited = metrics.observer('pullgate_freshness_wait_seconds')
  const settings = watchSettings({ engine, topic, metrics, log })
  const clocks = watchClocks({ engine, metrics, log })
  const proof: FreshnessDeps = {
    mode: freshness.mode,
    waitMs: freshness.wait_ms,
    signature,
    ends: traced.ends(
      endsLookup(engine.log, {
        topic: topic.name,
        partitions,
        paceMs: engine.endsPaceMs,
        patienceMs: Math.max(ENDS_PATIENCE_MS.least, Math.min(freshness.wait_ms, ENDS_PATIENCE_MS.most)),
        onError: (err) => log.debug({ err }, 'the end of the log could not be asked'),
      }),
    ),
    isSound: settings.isSound,
    onWait: waited,
  }
  const mayAnswerLate = config.last_known_good.max_age_ms > 0
  const known = lastKnownGood(config.last_known_good.max_age_ms, KNOWN_ANSWERS_BYTES)
  const stopProving = mayAnswerLate ? keepProving(proof, reader, partitions, known) : () => {}
  const decide = pullFrom({
    config: live.current,
    reader: traced.reader(reader),
    proof,
    publishers: publishers(reader),
    erps: traced.erps(erps),
    known,
    partitionOf: (id) => partitionOf(id, topic.partitions),
    onFallback: (reason) => metrics.add('pullgate_pull_fallback_total', { reason }),
    onAhead: () => metrics.add('pullgate_pull_ahead_total'),
    onFault: (what, detail) => log.debug(detail instanceof Error ? { err: detail } : { detail }, what),
    rendering: { policy, calendar: calendarOf(timezone) },
    severalYears: policy.several_years,
    clock: Date.now,
  })

  const recording = recordAnswers(engine, config, signature, metrics, log)
  const stopWatching = watchOwner(engine, topic.name, deps.onRefused)
  const closeParts = async (): Promise<void> => {
    await recording.close()
    stopProving()
    await erps.close()
  }
  const stopLooking = (): void => {
    stopWatching()
    settings.close()
    clocks.close()
  }
  const server = await buildServer({
    live,
    pull: traced.pull(decide),
    ...(recording.onAnswered && { onAnswered: recording.onAnswered }),
    mountIngest: (edge) => ingestHandler({ ...edge, append: engine.log.append, topic, metrics, log }),
    metrics,
    log,
  }).catch(async (error: unknown) => {
    stopLooking()
    await closeParts()
    throw error
  })
  const tellReloaded = () =>
    metrics.set('pullgate_config_last_reload_success_timestamp_seconds', {}, Math.round(Date.now() / 1000))
  tellReloaded()
  const onHangup = (): void => {
    const result = reread()
    metrics.set('pullgate_config_last_reload_successful', {}, result.ok ? 1 : 0)
    if (!result.ok) {
      log.error({ problems: result.problems }, 'the configuration file is not valid; the old one stays')
      return
    }
    const { ignored } = live.replace(result.config)
    erps.reload(live.current())
    metrics.cover(dimensionsOf(live.current()))
    tellReloaded()
    log.info({ ignored }, 'the configuration was read again')
  }
  process.on('SIGHUP', onHangup)

  const probing = probeErps(erps, metrics, log, deps.probeEveryMs)
  metrics.onScrape(() => {
    for (const client of erps.clients()) {
      metrics.set('pullgate_erp_breaker_state', { erp: client.label }, BREAKER_STATES.indexOf(client.breakerState()))
      metrics.set('pullgate_erp_in_flight', { erp: client.label }, client.inFlight())
    }
  })
  const standing = logStanding({
    log: engine.log,
    reader,
    topic: topic.name,
    partitions: topic.partitions,
    signature,
    topicProblem: settings.topicProblem,
    maxAgeMs: STANDING_MAX_AGE_MS,
  })
  const standingCheck = reportStanding(metrics, standing, topic.partitions, () => hasErp(live))
  tellHeartbeats(metrics, reader, () => live.current().branches, Date.now)

  return {
    checks: [
      ...gatewayChecks(engine, live, () => performance.now()),
      standingCheck,
      settings.check,
      ...recording.checks,
      erpCheck(live, erps, probing.failureOf),
      drainCheck(server),
    ],
    probeFailures: () =>
      new Map(erps.probed().flatMap((erp) => (probing.failureOf(erp) ? [[erp.label, probing.failureOf(erp)!]] : []))),
    close: async () => {
      process.off('SIGHUP', onHangup)
      probing.stop()
      stopLooking()
      await server.close()
      await closeParts()
    },
  }
}

const BREAKER_STATES: readonly string[] = ['closed', 'half-open', 'open']

/** No new pulls are to be sent here once the drain has begun; those that come are answered still. */
const drainCheck = (server: HttpServer): Check => ({
  name: 'drain',
  check: () =>
    server.isDraining()
      ? { ok: false, detail: 'ending: answers what still comes' }
      : { ok: true, detail: 'not ending' },
})
