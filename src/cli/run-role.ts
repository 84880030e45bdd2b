import type { Engine } from '../../consumers/ports/engine.ts'
import { liveConfig } from '../config/live.ts'
import type { Config } from '../config/load.ts'
import { openApi } from '../documents/openapi.ts'
import { type Logger, stderrLog } from '../logging.ts'
import { tellCertificates } from '../metrics/certificates.ts'
import { dimensionsOf } from '../metrics/dimensions.ts'
import { measuredLog, measuredStore } from '../metrics/measured.ts'
import { buildMetrics, type Metrics } from '../metrics/metrics.ts'
import { jsonPage, startMetricsServer } from '../metrics/port-server.ts'
import { watchRuntime } from '../metrics/runtime.ts'
import type { Role } from '../metrics/spec.ts'
import { runGateway } from '../roles/gateway.ts'
import { openEngines } from '../roles/open-engine.ts'
import { projectionView } from '../roles/projection-view.ts'
import { type RunningRole, runProjector } from '../roles/projector.ts'
import type { StartRefused } from '../roles/start-refused.ts'
import { EmbeddedFileError } from '../sqlite/file.ts'
import { statusPage } from '../status/status-page.ts'
import { tracedEngine } from '../tracing/traced-engine.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { VERSION } from '../version.ts'
import type { ExitCode, Globals } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { say } from './command/output.ts'
import { loadSettings, reload } from './command/settings.ts'
import { listenFailure } from './listen-failure.ts'

export type RoleName = Role | 'all'

const GIVE_UP_MS = 5_000

/** Runs until SIGTERM or SIGINT, which drain and end it with 0; what forbids a start ends it with 1. */
export const runRole = async (name: RoleName, globals: Globals): Promise<ExitCode> => {
  const config = loadSettings(globals)
  if (config.servers === null && name !== 'all')
    throw new CliFailure(
      `the ${name} alone needs KAFKA_BROKERS and REDIS_URL; without them "npx pullgate all" runs on one file`,
    )
  const log = stderrLog(config.log_level)
  const roles: readonly Role[] = name === 'all' ? ['gateway', 'projector'] : [name]
  const engines = opened(() => openEngines(config, roles, log))
  const metrics = buildMetrics(roles, dimensionsOf(config))
  const tracing = config.tracing ? await loadTracing(name, log) : null
  const runtime = watchRuntime(metrics)
  if (config.servers !== null) tellCertificates(metrics, config.servers.kafka.ssl)
  const ending = untilSignal()
  // A signal to all processes of an installation must not end those that have nothing to read again.
  const onHangup = () => log.info('a projector reads its configuration at its start: restart it')
  if (!roles.includes('gateway')) process.on('SIGHUP', onHangup)
  let refused: StartRefused | null = null

  /** Roles close together; engines close after the last of them. */
  const running: RunningRole[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(running.map((role) => role.close()))
    await Promise.all([...new Set(engines.values())].map((engine) => engine.close()))
    await tracing?.close()
    runtime.stop()
  }
  /** A start that cannot listen ends, whatever still hangs: after a while, or at once on a signal. */
  const giveUp = async (error: unknown): Promise<never> => {
    const failure = listenFailure(error, config)
    const leave = (): never => {
      if (failure instanceof CliFailure) say(failure.message)
      return process.exit(1)
    }
    setTimeout(leave, GIVE_UP_MS).unref()
    const closed = closeAll()
    await Promise.race([closed, ending.ended.then(leave)])
    throw failure
  }
  // The gateway comes first: a projector must not begin to work where the gateway cannot listen.
  for (const role of roles) {
    const onRefused = (problem: StartRefused): void => {
      refused = problem
      ending.end()
    }
    try {
      running.push(await startRole(role, engines.get(role)!, config, globals, metrics, tracing, log, onRefused))
    } catch (error) {
      await giveUp(error)
    }
  }
  const checks = running.flatMap((role) => role.checks)
  const [anyEngine] = engines.values()
  const projection = projectionView(anyEngine!, config.topic.name, () => performance.now())
  const probeFailures = () => new Map(running.flatMap((role) => [...(role.probeFailures?.() ?? [])]))
  const status = statusPage({ metrics, log, version: VERSION, checks, projection, probeFailures })
  const port = await startMetricsServer({
    host: config.http.metrics_host,
    port: config.http.metrics_port,
    metrics,
    checks,
    verdict: status.verdict,
    pages: new Map([...status.pages, ['/openapi.json', jsonPage(async () => openApi(config.pull.path))]]),
    log,
  }).catch((error: unknown) => {
    status.close()
    return giveUp(error)
  })
  log.info({ roles, metricsPort: port.port, version: VERSION }, 'started')

  await ending.ended
  log.info('draining')
  await closeAll()
  status.close()
  await port.close()
  if (refused !== null) throw new CliFailure((refused as StartRefused).message)
  log.info('stopped')
  return 0
}

const startRole = (
  role: Role,
  opened: Engine,
  config: Config,
  globals: Globals,
  metrics: Metrics,
  tracing: Tracing | null,
  log: Logger,
  onRefused: (refused: StartRefused) => void,
): Promise<RunningRole> | RunningRole => {
  const engine = {
    ...opened,
    log: measuredLog(opened.log, metrics),
    store: measuredStore(opened.store, metrics),
  }
  if (role === 'projector')
    return runProjector(tracing === null ? engine : tracedEngine(engine, tracing), config, metrics, log, onRefused)
  const live = liveConfig(config)
  return runGateway({ engine, live, reread: () => reload(globals), metrics, tracing, log, onRefused })
}

/** Its code is loaded only where traces are wanted. */
const loadTracing = async (name: RoleName, log: Logger): Promise<Tracing | null> => {
  const { openTracing } = await import('../tracing/open-tracing.ts')
  return openTracing({ service: `pullgate-${name}`, version: VERSION, log })
}

const opened = <T>(open: () => T): T => {
  try {
    return open()
  } catch (error) {
    if (error instanceof EmbeddedFileError) throw new CliFailure(error.message)
    throw error
  }
}

const untilSignal = (): { readonly ended: Promise<void>; readonly end: () => void } => {
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  return { ended, end }
}
