import { LogError } from '../../consumers/log-error.ts'
import type { Config } from '../config/load.ts'
import { PullgateError } from '../errors.ts'
import { stderrLog } from '../logging.ts'
import { type Engine, openEngine } from '../roles/engine.ts'
import type { ExitCode, Globals } from './cli.ts'
import { CliFailure } from './failure.ts'
import { loadSettings } from './settings.ts'

type Run = (engine: Engine, config: Config) => Promise<ExitCode>

/** Runs a command on log and store, and says in one line which of them is not there. */
export const withEngine = (globals: Globals, run: Run): Promise<ExitCode> =>
  onEngine(globals, async (engine, config) => {
    await engine.ready(CONNECT_MS)
    return run(engine, config)
  })

/** For a command that needs the log alone: it works without the store. */
export const withLog = (globals: Globals, run: Run): Promise<ExitCode> => onEngine(globals, run)

const onEngine = async (globals: Globals, run: Run): Promise<ExitCode> => {
  const config = loadSettings(globals)
  if (config.servers === null) throw new CliFailure('KAFKA_BROKERS and REDIS_URL are required')
  const engine = openEngine(config, 'projector', stderrLog('silent'))
  try {
    return await run(engine, config)
  } catch (error) {
    if (error instanceof LogError) throw new CliFailure(logFailure(error, config))
    if (error instanceof PullgateError && error.code === 'store_unavailable')
      throw new CliFailure(`Redis does not answer: ${error.message}`)
    throw error
  } finally {
    await engine.close()
  }
}

/** What the message says of a log that could not be used. */
export const logFailure = (error: LogError, config: Config): string => {
  const brokers = config.servers?.kafka.brokers.join(', ') ?? ''
  return `Kafka (${brokers}) ${error.code === 'refused' ? 'refuses' : 'does not answer'}: ${error.message}`
}

const CONNECT_MS = 3000
