import { exportLines } from '../../../consumers/history/export.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { plural, print, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withLog } from '../command/with-engine.ts'

export const eventsExport: Register = (cli) =>
  cli
    .command('events export', 'prints the log as lines for "events publish"', [
      'npx pullgate events export > log.ndjson',
      'npx pullgate events export --config old.yaml | npx pullgate events publish - --config new.yaml',
    ])
    .option('--forget-erased', 'omits the events of erased students, except the erasure')
    .action(cli.run((options: Options) => runExport(cli.globals(), options)))

type Options = { readonly forgetErased?: boolean }

const CHUNK = 64 * 1024

const runExport = (globals: Globals, { forgetErased = false }: Options): Promise<ExitCode> =>
  withLog(globals, async ({ log }, { topic }) => {
    if ((await log.describe(topic.name)) === null)
      throw new CliFailure(`There is no topic ${topic.name}; "npx pullgate topics" creates it`)
    const bar = progress('exporting')
    const lines = exportLines({
      log,
      topic: topic.name,
      forgetErased,
      partitions: topic.partitions,
      partitionOf: (identifier) => partitionOf(identifier, topic.partitions),
      onProgress: bar.at,
    })
    let [count, chunk] = [0, '']
    for await (const line of lines) {
      count += 1
      chunk += `${line}\n`
      if (chunk.length < CHUNK) continue
      await print(chunk)
      chunk = ''
    }
    await print(chunk)
    bar.end()
    say(`${plural(count, 'event')} exported`)
    return 0
  })
