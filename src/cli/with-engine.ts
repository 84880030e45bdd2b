import { LogError } from '../../consumers/log-error.ts'
import type { Config } from '../config/load.ts'
import { PullgateError } from '../errors.ts'
import { stderrLog } from '../logging.ts'
import { type Engine, openEngine } from '../roles/engine.ts'
import type { ExitCode, Globals } from './cli.ts'
import { CliFailure } from './failure.ts'
import { loadSettings } from './settings.ts'

/** Runs a command on log and store, and says in one line which of them is not there. */
export const withEngine = async (
  globals: Globals,
  run: (engine: Engine, config: Config) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const config = loadSettings(globals)
  if (config.servers === null) throw new CliFailure('KAFKA_BROKERS and REDIS_URL are required')
  const engine = openEngine(config, 'projector', stderrLog('silent'))
  try {
    await engine.ready(CONNECT_MS)
    return await run(engine, config)
  } catch (error) {
    if (error instanceof LogError)
      throw new CliFailure(`Kafka (${config.servers.kafka.brokers.join(', ')}) does not answer: ${error.message}`)
    if (error instanceof PullgateError && error.code === 'store_unavailable')
      throw new CliFailure(`Redis does not answer: ${error.message}`)
    throw error
  } finally {
    await engine.close()
  }
}

const CONNECT_MS = 3000
