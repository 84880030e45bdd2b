import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { loadSettings } from '../command/settings.ts'

export const eventsKey: Register = (cli) =>
  cli
    .command('events key <identifier>', 'record key and partition of a student', ['npx pullgate events key S-1001'])
    .action(cli.run((identifier: string) => runEventsKey(identifier, cli.globals())))

/** What a publisher must set: the key, and where Java's default partitioner puts it. */
const runEventsKey = (text: string, globals: Globals): ExitCode => {
  const identifier = parseIdentifier(text)
  const { topic } = loadSettings(globals)
  const partition = partitionOf(identifier, topic.partitions)
  process.stdout.write(
    globals.json
      ? `${JSON.stringify({ key: identifier, partition, topic: topic.name, partitions: topic.partitions })}\n`
      : `key        ${identifier}\npartition  ${partition} of ${topic.partitions} (topic ${topic.name})\n`,
  )
  return 0
}
