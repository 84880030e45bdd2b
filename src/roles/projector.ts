import type { Engine } from '../../consumers/ports/engine.ts'
import type { ProjectorObserver } from '../../consumers/projector/observer.ts'
import { type Projector, type ProjectorDeps, startProjector } from '../../consumers/projector/projector.ts'
import type { Config } from '../config/load.ts'
import { pause } from '../log/pause.ts'
import type { Logger } from '../logging.ts'
import { publishersOf } from '../metrics/dimensions.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import { foldDeps } from './fold-deps.ts'
import { brokenText } from './log-standing.ts'
import { projectorObserver } from './projector-observer.ts'
import { type RunningScout, runScout } from './scout.ts'
import { type SettingsWatch, watchSettings } from './settings-watch.ts'
import { refuseMisfits, StartRefused } from './start-refused.ts'
import { tellSuspectDetails } from './suspect-details.ts'
import { takeOver, untilOurs } from './take-over.ts'
import { tellGenerations } from './tell-generations.ts'
import { watchClocks } from './watch-clocks.ts'

export type RunningRole = {
  readonly checks: readonly Check[]
  /** Why the last probe of an ERP failed, by its label; absent: the role asks no ERP. */
  readonly probeFailures?: () => ReadonlyMap<string, string>
  readonly close: () => Promise<void>
}

const RETRY_MS = 1000

/**
 * Returns at once; the projector starts when log and store are available. `onRefused` receives a permanent reason not
 * to start.
 */
export const runProjector = (
  engine: Engine,
  config: Config,
  metrics: Metrics,
  log: Logger,
  onRefused: (refused: StartRefused) => void,
): RunningRole => {
  const closing = new AbortController()
  let projector: Projector | null = null
  let waitingFor: string | null = null
  const observer = projectorObserver(metrics, log, publishersOf(config), now)
  const settings = watchSettings({ engine, topic: config.topic, metrics, log })
  const clocks = watchClocks({ engine, metrics, log })
  const scout = runScout({ engine, config, metrics, log, mayProve: settings.isSound })

  /** From one start to the end of its time: closed, or superseded by projectors of another fold or policy. */
  const serve = async (): Promise<void> => {
    for (const { what, mend } of await refuseMisfits(engine, config)) log.warn({ mend }, what)
    const deps = projectorDeps(engine, config, observer, settings, scout)
    await takeOver({ deps, probe: engine.probe, log, signal: closing.signal, onWait: (what) => (waitingFor = what) })
    if (closing.signal.aborted) return
    const over = Promise.withResolvers<void>()
    closing.signal.addEventListener('abort', () => over.resolve())
    projector = await startProjector({ ...deps, onSuperseded: over.resolve })
    log.info({ topic: config.topic.name }, 'projector started')
    if (!closing.signal.aborted) await over.promise
    await projector.stop()
    projector = null
    waitingFor = 'projectors of another version, policy or timezone have taken over'
    if (!closing.signal.aborted) await untilOurs(deps, log, closing.signal)
  }

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await serve()
      } catch (error) {
        if (error instanceof StartRefused) return onRefused(error)
        const why = error instanceof Error ? error.message : 'unknown error'
        waitingFor = why
        log.warn({ why }, `the projector cannot start yet, and tries again: ${why}`)
        log.debug({ err: error }, 'why it cannot start')
        await pause(RETRY_MS, closing.signal)
      }
    }
  }
  const ended = run()
  tellGenerations(metrics, engine.store.admin, now)
  tellSuspectDetails(metrics, engine.store, () => projector?.owned() ?? [], now)
  metrics.onScrape(() => metrics.set('pullgate_log_consumer_silent_seconds', {}, (projector?.silentMs() ?? 0) / 1000))

  return {
    checks: [
      ...projectorChecks(
        () => projector,
        () => waitingFor,
      ),
      settings.check,
      scout.check,
    ],
    close: async () => {
      settings.close()
      clocks.close()
      closing.abort()
      await ended
      await scout.close()
    },
  }
}

const projectorChecks = (projector: () => Projector | null, waitingFor: () => string | null): readonly Check[] => [
  {
    name: 'projector',
    check: () => {
      const running = projector()
      if (!running) return { ok: false, detail: waitingFor() ?? 'has not started: the log or the store is not there' }
      const silentMs = running.silentMs()
      return {
        ok: silentMs < 30_000,
        detail: `${running.owned().length} partitions; last sign of life ${Math.round(silentMs)} ms ago`,
      }
    },
  },
  {
    name: 'log identity',
    check: () => {
      const running = projector()
      const broken = running?.broken() ?? new Map()
      if (broken.size > 0) return { ok: false, detail: brokenText(broken), blocks: running?.owned().length === 0 }
      return { ok: true, detail: 'the log goes on where the projection stopped' }
    },
  },
]

const now = (): number => performance.now()

const projectorDeps = (
  engine: Engine,
  config: Config,
  observer: ProjectorObserver,
  { topicProblem, isSound }: SettingsWatch,
  scout: RunningScout,
): ProjectorDeps => ({
  ...foldDeps(engine, config),
  observer,
  scout,
  topicProblem,
  mayProve: isSound,
  group: `pullgate.${config.topic.name}`,
  boundMs: config.freshness.bound_ms,
  now,
  ...(config.answers.record && { watchAnswersMs: config.answers.watch_hours * HOUR_MS }),
})

const HOUR_MS = 3_600_000
