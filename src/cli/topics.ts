import type { Engine } from '../../consumers/ports/engine.ts'
import type { EnsuredTopic } from '../../consumers/ports/log.ts'
import { specsOf } from '../answers/topic-specs.ts'
import { stderrLog } from '../logging.ts'
import { openEngine } from '../roles/open-engine.ts'
import type { ExitCode, Globals, Register } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { printJson, printLines } from './command/output.ts'
import { loadSettings } from './command/settings.ts'

export const topics: Register = (cli) =>
  cli
    .command('topics', 'creates the topics; leaves existing ones as they are', ['npx pullgate topics'])
    .action(cli.run(() => runTopics(cli.globals())))

const runTopics = async (globals: Globals): Promise<ExitCode> => {
  const config = loadSettings(globals)
  let engine: Engine | null = null
  try {
    engine = openEngine(config, 'projector', stderrLog('silent'), 'topics')
    const specs = specsOf(config)
    const outcomes = await engine.log.ensureTopics(specs)
    const rows = specs.map((spec, index) => ({ topic: spec.name, partitions: spec.partitions, ...outcomes[index]! }))
    await (globals.json ? printJson(rows) : printLines(rows.map(describe)))
    return rows.some((row) => row.kind === 'mismatch') ? 1 : 0
  } catch (error) {
    throw new CliFailure(
      engine === null ? messageOf(error) : `${engine.names.log} cannot be asked: ${messageOf(error)}`,
    )
  } finally {
    await engine?.close()
  }
}

type TopicRow = { readonly topic: string; readonly partitions: number } & EnsuredTopic

const describe = (row: TopicRow): string => {
  if (row.kind === 'created') return `created   ${row.topic}, ${row.partitions} partitions`
  if (row.kind === 'exists') return `exists    ${row.topic}, as it should be`
  const differences = row.differences.map(({ what, wanted, found }) => `${what} is ${found}, should be ${wanted}`)
  return `differs   ${row.topic}: ${differences.join('; ')} (left as it is)`
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
