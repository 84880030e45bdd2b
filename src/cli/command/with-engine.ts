import type { Engine } from '../../../consumers/ports/engine.ts'
import { LogError } from '../../../consumers/ports/log-error.ts'
import type { Config } from '../../config/load.ts'
import { PullgateError } from '../../errors.ts'
import { stderrLog } from '../../logging.ts'
import type { EmbeddedUse } from '../../roles/embedded-engine.ts'
import { openEngine } from '../../roles/open-engine.ts'
import { EmbeddedFileError } from '../../sqlite/file.ts'
import type { ExitCode, Globals } from './cli.ts'
import { CliFailure } from './failure.ts'
import { loadSettings } from './settings.ts'

type EngineCommand = (engine: Engine, config: Config) => Promise<ExitCode>

/** Runs a command on log and store, and says in one line which of them is not there. */
export const withEngine = (globals: Globals, run: EngineCommand): Promise<ExitCode> =>
  onEngine(globals, 'beside', async (engine, config) => {
    await engine.ready(CONNECT_MS)
    return run(engine, config)
  })

/** For a command that needs the log alone: it works without the store. `use` matters in embedded operation. */
export const withLog = (globals: Globals, run: EngineCommand, use: EmbeddedUse = 'beside'): Promise<ExitCode> =>
  onEngine(globals, use, run)

const onEngine = async (globals: Globals, use: EmbeddedUse, run: EngineCommand): Promise<ExitCode> => {
  const config = loadSettings(globals)
  let engine: Engine | null = null
  try {
    engine = openEngine(config, 'projector', stderrLog('silent'), use)
    return await run(engine, config)
  } catch (error) {
    if (error instanceof EmbeddedFileError) throw new CliFailure(error.message)
    if (engine !== null && error instanceof LogError) throw new CliFailure(logFailure(error, engine))
    if (engine !== null && error instanceof PullgateError && error.code === 'store_unavailable')
      throw new CliFailure(`${engine.names.store} does not answer: ${error.message}`)
    throw error
  } finally {
    await engine?.close()
  }
}

/** What the message says of a log that could not be used. */
export const logFailure = (error: LogError, { names }: Engine): string =>
  `${names.log} ${error.code === 'refused' ? 'refuses' : 'does not answer'}: ${error.message}`

const CONNECT_MS = 3000
