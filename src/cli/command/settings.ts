import { readFileSync } from 'node:fs'
import { type Config, configFile, loadConfig } from '../../config/load.ts'
import type { Globals } from './cli.ts'
import { CliFailure } from './failure.ts'

const sources = { env: process.env, readFile: (path: string) => readFileSync(path, 'utf8') }

export const reload = (globals: Globals) => loadConfig({ ...sources, file: configFile(globals.config, process.env) })

/** The configuration, or every problem with it, one a line. */
export const loadSettings = (globals: Globals): Config => {
  const result = reload(globals)
  if (result.ok) return result.config
  const file = configFile(globals.config, process.env)
  const lines = result.problems.map(({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`)
  throw new CliFailure([`The configuration (${file} and the environment) is not valid:`, ...lines].join('\n'))
}
